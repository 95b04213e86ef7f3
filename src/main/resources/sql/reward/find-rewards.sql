-- contract 1
-- Earned rewards that an operator has chosen, by id, and where each stands: those that :action would change, or all of them. Those of a
-- referrer are this person's own, and those of everybody whom this person has referred.
SELECT id, user_id, reward, state, idempotency_key, delivery_id, reason, created_at
FROM (
    SELECT ur.id, ur.user_id, ur.created_at, r.name AS reward, key.of_delivery AS idempotency_key, d.id AS delivery_id, d.reason, h.released,
           word.deliverable AND d.status IS DISTINCT FROM 'delivered' AS open,
           CASE
               WHEN 'delivered' IN (ur.status, d.status) THEN 'delivered'
               WHEN NOT word.deliverable THEN ur.status
               WHEN d.status = 'leased' THEN 'under-way'
               WHEN NOT h.released OR h.released IS NULL AND d.status = 'due' AND d.waits_for = 'hold' THEN 'held'
               ELSE coalesce(d.status, 'not-recorded')
           END AS state
    FROM user_rewards ur
    CROSS JOIN LATERAL (SELECT ur.status = 'failed' OR ur.status = ANY (string_to_array(:deliverable, ',')) AS deliverable) word
    CROSS JOIN LATERAL (SELECT concat('reward.earned:', ur.id, '/', ur.campaign_id, '/', ur.user_id, '/', ur.reward_id) AS of_delivery) key
    JOIN rewards r ON r.id = ur.reward_id
    LEFT JOIN event_routes.reward_hold h ON h.user_reward_id = ur.id
    LEFT JOIN event_routes.delivery d
        ON d.consumer_group = 'reward-workers' AND d.idempotency_key = key.of_delivery AND d.recipient = ''
    WHERE ur.campaign_id = CAST(:campaign AS uuid)
      AND (CAST(:referrer AS uuid) IS NULL OR ur.user_id = CAST(:referrer AS uuid)
           OR ur.user_id IN (SELECT referred_id FROM referrals WHERE referrer_id = CAST(:referrer AS uuid)))
      AND (CAST(:person AS uuid) IS NULL OR ur.user_id = CAST(:person AS uuid))
      AND (CAST(:reward AS uuid) IS NULL OR ur.reward_id = CAST(:reward AS uuid))
      AND (CAST(:earned AS uuid) IS NULL OR ur.id = CAST(:earned AS uuid))
      AND (CAST(:from AS timestamptz) IS NULL OR ur.created_at >= CAST(:from AS timestamptz))
      AND (CAST(:to AS timestamptz) IS NULL OR ur.created_at < CAST(:to AS timestamptz))
      AND (CAST(:after AS uuid) IS NULL OR ur.id > CAST(:after AS uuid))
) chosen
WHERE CASE CAST(:action AS text)
          WHEN 'hold' THEN open AND released IS NOT FALSE
          WHEN 'release' THEN open AND (released IS FALSE OR state = 'held')
          WHEN 'undo' THEN open AND released IS NOT NULL
          WHEN 'void' THEN open
          ELSE true
      END
ORDER BY id
LIMIT :limit
