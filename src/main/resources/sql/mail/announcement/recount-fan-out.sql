-- What was counted of a fan-out is not good any more.
UPDATE event_routes.fan_out SET counted_until = NULL WHERE delivery_id = :id
