-- Sets the state of a fan-out: running, paused or cancelled. Cancelled is final. Its mails follow (move-fan-out.sql).
WITH changed AS (
    UPDATE event_routes.fan_out
    SET state = :state, because = :because, resumed_at = CASE :state WHEN 'running' THEN now() ELSE resumed_at END, moving_since = now()
    WHERE delivery_id = :id AND state <> 'cancelled'
    RETURNING delivery_id, state
)
INSERT INTO event_routes.delivery_change (delivery_id, attempt, status, what, who)
SELECT d.id, d.attempts, c.state, 'announcement ' || CASE c.state WHEN 'running' THEN 'resumed' ELSE c.state END, :by
FROM changed c
JOIN event_routes.delivery d ON d.id = c.delivery_id
