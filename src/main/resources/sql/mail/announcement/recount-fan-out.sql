-- Marks the counts of a fan-out as outdated.
UPDATE event_routes.fan_out SET counted_until = NULL WHERE delivery_id = :id
