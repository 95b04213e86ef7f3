-- Has some deliveries of a cancelled fan-out not carried out, those after a person.
WITH page AS (
    SELECT d.id, d.recipient
    FROM event_routes.fan_out f
    JOIN event_routes.delivery m ON m.id = f.delivery_id
    JOIN event_routes.delivery d
        ON d.consumer_group = m.consumer_group AND d.idempotency_key = m.idempotency_key AND d.recipient > :after
    WHERE f.delivery_id = :id AND f.state = 'cancelled'
    ORDER BY d.recipient
    LIMIT :limit
), changed AS (
    UPDATE event_routes.delivery d
    SET status = 'skipped', due_at = NULL, waits_for = NULL, reason = :because, updated_at = now()
    FROM page
    WHERE d.id = page.id AND d.status = 'due' AND true
    RETURNING 1
)
SELECT (SELECT max(recipient) FROM page) AS last, (SELECT count(*) FROM changed) AS deliveries
