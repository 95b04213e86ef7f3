-- What has this id, at most one of each kind, and its page. Where many rows may have the same value, a branch takes the first entry of an
-- index from the id on, and then compares it: an id that is not there never reads the table, however few values the planner expects.
SELECT 'event' AS kind, '/events/' || event_id AS page
FROM (SELECT event_id FROM event_routes.delivery WHERE event_id >= :id ORDER BY event_id LIMIT 1) next
WHERE event_id = :id
UNION ALL
SELECT 'delivery', '/deliveries/' || id FROM event_routes.delivery WHERE id = CAST(:uuid AS uuid)
UNION ALL
SELECT 'person', '/deliveries?recipient=' || person
FROM (SELECT event_routes.person(recipient, event) AS person
      FROM event_routes.delivery
      WHERE event_routes.person(recipient, event) >= :id
      ORDER BY event_routes.person(recipient, event)
      LIMIT 1) next
WHERE person = :id
UNION ALL
SELECT 'campaign', '/campaigns/' || campaign_id FROM event_routes.leaderboard WHERE campaign_id = CAST(:uuid AS uuid)
UNION ALL
SELECT 'campaign', '/deliveries?campaign=' || campaign_id
FROM (SELECT campaign_id FROM event_routes.delivery WHERE campaign_id >= :id ORDER BY campaign_id, created_at LIMIT 1) next
WHERE campaign_id = :id AND NOT EXISTS (SELECT FROM event_routes.leaderboard WHERE campaign_id = CAST(:uuid AS uuid))
UNION ALL
SELECT 'webhook', '/deliveries?webhook=' || lane
FROM (SELECT lane FROM event_routes.delivery WHERE lane >= :id ORDER BY lane, created_at LIMIT 1) next
WHERE lane = :id
UNION ALL
SELECT 'reward', '/deliveries/' || id
FROM (SELECT id, idempotency_key
      FROM event_routes.delivery
      WHERE consumer_group = 'reward-workers' AND idempotency_key >= 'reward.earned:' || :id || '/'
      ORDER BY idempotency_key
      LIMIT 1) next
WHERE starts_with(idempotency_key, 'reward.earned:' || :id || '/')
