-- The deliveries of an event, counted by group and status.
SELECT consumer_group, status, count(*) AS deliveries
FROM event_routes.delivery
WHERE event_id = :event
GROUP BY consumer_group, status
