-- Whether the deliveries of a fan-out are to be counted: what was counted is not good any more, and nobody else counts. Who takes
-- minutes for it, or has ended meanwhile, keeps nobody from it for longer.
UPDATE event_routes.fan_out
SET counted_until = now() + interval '5 minutes'
WHERE delivery_id = :id AND (counted_until IS NULL OR counted_until <= now())
