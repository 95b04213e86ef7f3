-- The next rows. One that is committed late has a lower id than rows already published, and is still found.
SELECT id, event, created_at, clock_timestamp() AS database_time
FROM event_routes.event_outbox
WHERE refused_because IS NULL
ORDER BY id
LIMIT :limit
