-- Says that a fan-out is to run, to pause or to end. What is cancelled stays so.
UPDATE event_routes.fan_out SET state = :state, because = :because WHERE delivery_id = :id AND state <> 'cancelled'
