-- The replays of just this event, and those that last began one of its deliveries, of the same ones as in explain-event.sql. Operators
-- begin few: the table is small.
SELECT id, consumer_group AS "group", state, created_at
FROM event_routes.replay
WHERE event_id = :event
   OR id IN (SELECT replay_id
             FROM (SELECT replay_id FROM event_routes.delivery WHERE event_id BETWEEN :event AND :event ORDER BY event_id LIMIT :among) looked_at)
ORDER BY created_at
LIMIT 50
