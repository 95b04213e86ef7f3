-- Changes the deliveries of rewards as :action says, and returns how many may be delivered all the same: with an instance at this moment,
-- which they are left to, or accepted by their receiver (202), which must not get them again when they are released. What an operator
-- holds is looked at again every hour, in case it was released while it was looked at. Sorted as those that record rewards lock them. A
-- voided one that was tried before is looked at once more, as it may have been delivered. With :told, the events about voided ones are
-- written with it.
WITH chosen AS (
    SELECT id, status, waits_for,
           status = 'manual' AND EXISTS (
               SELECT FROM event_routes.delivery_attempt a
               WHERE a.delivery_id = d.id AND a.attempt = d.attempts AND a.code IS NOT NULL) AS accepted
    FROM event_routes.delivery d
    WHERE consumer_group = 'reward-workers' AND recipient = '' AND idempotency_key = ANY (string_to_array(:keys, ','))
    ORDER BY idempotency_key
    FOR UPDATE
), changed AS (
    UPDATE event_routes.delivery d
    SET status     = CASE :action WHEN 'void' THEN 'skipped' ELSE 'due' END,
        due_at     = CASE :action WHEN 'hold' THEN now() + interval '1 hour' WHEN 'void' THEN NULL ELSE now() END,
        waits_for  = CASE :action WHEN 'hold' THEN 'hold' END,
        reason     = :reason,
        updated_at = now()
    FROM chosen
    WHERE d.id = chosen.id
      AND CASE :action
              WHEN 'hold' THEN chosen.status IN ('due', 'manual') AND NOT chosen.accepted
              WHEN 'void' THEN chosen.status IN ('due', 'manual', 'failed')
              ELSE chosen.status = 'due' AND chosen.waits_for = 'hold'
          END
    RETURNING d.id, d.attempts, d.status
), noted AS (
    INSERT INTO event_routes.delivery_change (delivery_id, attempt, status, what, who)
    SELECT id, attempts, status, CASE :action WHEN 'hold' THEN 'held' WHEN 'void' THEN 'voided' ELSE 'released' END, :by FROM changed
), perhaps_too_late AS (
    INSERT INTO event_routes.untold_outcome (delivery_id, attempt)
    SELECT id, attempts FROM changed WHERE :action = 'void' AND attempts > 0
    ON CONFLICT (delivery_id) DO UPDATE SET attempt = excluded.attempt
), told AS (
    INSERT INTO event_routes.outcome_event (type, account_id, campaign_id, data)
    SELECT 'reward.voided', s.account_id, s.campaign_id,
           s.data || jsonb_build_object('status', 'skipped', 'code', 'voided', 'reason', 'voided by an operator')
    FROM changed
    JOIN event_routes.outcome_subject s ON s.id = changed.id
    WHERE :told AND :action = 'void'
)
SELECT count(*) FROM chosen WHERE status = 'leased' OR accepted
