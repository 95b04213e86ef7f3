-- Whether to count the deliveries of a fan-out: the counts are outdated, and nobody else is counting. A count that takes
-- minutes, or whose instance has died, does not block others for longer.
UPDATE event_routes.fan_out
SET counted_until = now() + interval '5 minutes'
WHERE delivery_id = :id AND (counted_until IS NULL OR counted_until <= now())
