-- How many deliveries of an event stand where.
SELECT consumer_group, status, count(*) AS deliveries
FROM event_routes.delivery
WHERE event_id = :event
GROUP BY consumer_group, status
