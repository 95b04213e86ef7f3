-- What is no event stays, with the reason, and stands in nobody's way.
UPDATE event_routes.event_outbox
SET refused_because = :reason
WHERE id = :id
