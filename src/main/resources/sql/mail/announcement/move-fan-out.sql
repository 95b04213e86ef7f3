-- Applies a fan-out's state to a page of its deliveries, after a person. Paused: they have no due time, and are in nobody's
-- way; running: held ones are due again; cancelled: the remaining ones are skipped. The next change waits for the page: it would not see
-- what this one has written, and pass over it.
WITH page AS (
    SELECT next.id, next.recipient
    FROM event_routes.fan_out f
    JOIN event_routes.delivery m ON m.id = f.delivery_id
    CROSS JOIN LATERAL ( -- in the order of the unique index: a join would read and sort them all
        SELECT d.id, d.recipient
        FROM event_routes.delivery d
        WHERE d.consumer_group = m.consumer_group AND d.idempotency_key = m.idempotency_key AND d.recipient > :after
        ORDER BY d.recipient
        LIMIT :limit
    ) next
    WHERE f.delivery_id = :id AND f.state = :state
    FOR SHARE OF f
), changed AS (
    UPDATE event_routes.delivery d
    SET status     = CASE :state WHEN 'cancelled' THEN 'skipped' ELSE d.status END,
        due_at     = CASE :state WHEN 'running' THEN now() END,
        waits_for  = CASE :state WHEN 'cancelled' THEN NULL ELSE d.waits_for END,
        reason     = :because,
        updated_at = now()
    FROM page
    WHERE d.id = page.id AND d.status = 'due'
      AND CASE :state WHEN 'paused' THEN d.due_at IS NOT NULL WHEN 'running' THEN d.due_at IS NULL ELSE true END
    RETURNING 1
)
SELECT (SELECT max(recipient) FROM page) AS last, (SELECT count(*) FROM changed) AS deliveries
