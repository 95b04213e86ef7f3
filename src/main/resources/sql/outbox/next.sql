-- The next rows. One that is committed late has a lower id than what was published before it, and is still found.
SELECT id, event, created_at
FROM event_routes.event_outbox
WHERE refused_because IS NULL
ORDER BY id
LIMIT :limit
