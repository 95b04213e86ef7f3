-- Counts some deliveries of a fan-out by status, those after a person. Those that are held are due at no time.
WITH page AS MATERIALIZED (
    SELECT d.recipient, CASE WHEN d.status = 'due' AND d.due_at IS NULL THEN 'held' ELSE d.status END AS status
    FROM event_routes.delivery m
    JOIN event_routes.delivery d
        ON d.consumer_group = m.consumer_group AND d.idempotency_key = m.idempotency_key AND d.recipient > :after
    WHERE m.id = :id
    ORDER BY d.recipient
    LIMIT :limit
)
SELECT status, count(*) AS deliveries, max(max(recipient)) OVER () AS last
FROM page
GROUP BY status
