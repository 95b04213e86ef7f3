-- The minutes since a moment, oldest first.
SELECT minute, consumer_group, delivered, skipped, manual, failed, retry, lag, ages
FROM event_routes.history
WHERE minute >= :since
ORDER BY minute
