-- What is not an event stays, with the reason, and is in nobody's way.
UPDATE event_routes.event_outbox
SET refused_because = :reason
WHERE id = :id
