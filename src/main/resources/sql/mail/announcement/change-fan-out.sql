-- Sets the state of a fan-out: running, paused or cancelled. Cancelled is final.
UPDATE event_routes.fan_out
SET state = :state, because = :because, resumed_at = CASE :state WHEN 'running' THEN now() ELSE resumed_at END
WHERE delivery_id = :id AND state <> 'cancelled'
