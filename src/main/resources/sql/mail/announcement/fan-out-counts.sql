-- How many deliveries of a fan-out were in which status when they were last counted.
SELECT counted.key AS status, CAST(counted.value AS bigint) AS deliveries
FROM event_routes.fan_out f
CROSS JOIN jsonb_each_text(f.counts) counted
WHERE f.delivery_id = :id
