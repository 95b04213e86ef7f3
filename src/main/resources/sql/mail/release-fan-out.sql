-- Has some deliveries of a fan-out due again that were held, those after a person.
WITH page AS (
    SELECT d.id, d.recipient
    FROM event_routes.fan_out f
    JOIN event_routes.delivery m ON m.id = f.delivery_id
    JOIN event_routes.delivery d
        ON d.consumer_group = m.consumer_group AND d.idempotency_key = m.idempotency_key AND d.recipient > :after
    WHERE f.delivery_id = :id AND f.state = 'running'
    ORDER BY d.recipient
    LIMIT :limit
), changed AS (
    UPDATE event_routes.delivery d
    SET due_at = now(), reason = :because, updated_at = now()
    FROM page
    WHERE d.id = page.id AND d.status = 'due' AND d.due_at IS NULL
    RETURNING 1
)
SELECT (SELECT max(recipient) FROM page) AS last, (SELECT count(*) FROM changed) AS deliveries
