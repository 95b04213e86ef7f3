-- Holds some deliveries of a paused fan-out, those after a person: they are due at no time, and in nobody's way.
WITH page AS (
    SELECT d.id, d.recipient
    FROM event_routes.fan_out f
    JOIN event_routes.delivery m ON m.id = f.delivery_id
    JOIN event_routes.delivery d
        ON d.consumer_group = m.consumer_group AND d.idempotency_key = m.idempotency_key AND d.recipient > :after
    WHERE f.delivery_id = :id AND f.state = 'paused'
    ORDER BY d.recipient
    LIMIT :limit
), changed AS (
    UPDATE event_routes.delivery d
    SET due_at = NULL, reason = :because, updated_at = now()
    FROM page
    WHERE d.id = page.id AND d.status = 'due' AND d.due_at IS NOT NULL
    RETURNING 1
)
SELECT (SELECT max(recipient) FROM page) AS last, (SELECT count(*) FROM changed) AS deliveries
