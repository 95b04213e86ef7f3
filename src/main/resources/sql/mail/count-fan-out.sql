-- How far a fan-out has come: its deliveries by status. Those that are held are due at no time.
SELECT CASE WHEN d.status = 'due' AND d.due_at IS NULL THEN 'held' ELSE d.status END AS status, count(*) AS deliveries
FROM event_routes.delivery m
JOIN event_routes.delivery d
    ON d.consumer_group = m.consumer_group AND d.idempotency_key = m.idempotency_key AND d.recipient <> ''
WHERE m.id = :id
GROUP BY 1
