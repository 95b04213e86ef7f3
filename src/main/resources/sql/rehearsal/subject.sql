-- contract 1
-- What a rehearsal of a campaign shows: the named person, otherwise the first by address who gets mail; a reward, of several one that
-- this person has earned; and the latest milestone. Rewards and milestones are made up where there are none.
SELECT p.id AS person, coalesce(r.name, 'Example reward') AS reward, r.description, r.name IS NOT NULL AS rewarded,
       coalesce(m.milestone, '1000_participants') AS milestone, coalesce(m.participants, 1000) AS participants,
       m.milestone IS NOT NULL AS reached
FROM campaigns c
LEFT JOIN LATERAL (
    SELECT u.id
    FROM waitlist_users u
    WHERE u.campaign_id = c.id
      AND (u.id = CAST(:person AS uuid) OR (CAST(:person AS uuid) IS NULL AND u.deleted_at IS NULL AND u.status <> 'blocked'))
    ORDER BY u.email
    LIMIT 1) p ON true
LEFT JOIN LATERAL (
    SELECT r.name, r.description
    FROM rewards r
    WHERE r.campaign_id = c.id
    ORDER BY EXISTS (SELECT FROM user_rewards ur WHERE ur.reward_id = r.id AND ur.user_id = p.id) DESC, r.id
    LIMIT 1) r ON true
LEFT JOIN LATERAL (
    SELECT d.event -> 'data' ->> 'milestone' AS milestone, CAST(d.event -> 'data' ->> 'participant_count' AS integer) AS participants
    FROM event_routes.fan_out f
    JOIN event_routes.delivery d ON d.id = f.delivery_id AND d.campaign_id = CAST(c.id AS text)
    ORDER BY f.created_at DESC
    LIMIT 1) m ON true
WHERE c.id = :campaign
