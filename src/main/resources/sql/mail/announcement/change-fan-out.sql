-- Sets the state of a fan-out: running, paused or cancelled. Cancelled is final.
WITH changed AS (
    UPDATE event_routes.fan_out
    SET state = :state, because = :because, resumed_at = CASE :state WHEN 'running' THEN now() ELSE resumed_at END
    WHERE delivery_id = :id AND state <> 'cancelled'
    RETURNING delivery_id, state
)
INSERT INTO event_routes.delivery_change (delivery_id, attempt, status, what, who)
SELECT delivery_id, 0, state, 'announcement ' || CASE state WHEN 'running' THEN 'resumed' ELSE state END, :by FROM changed
