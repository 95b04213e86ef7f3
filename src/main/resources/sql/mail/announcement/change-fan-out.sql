-- Sets the state of a fan-out: running, paused or cancelled. Cancelled is final.
UPDATE event_routes.fan_out SET state = :state, because = :because WHERE delivery_id = :id AND state <> 'cancelled'
