-- Marks a row that is not a valid event, with the reason, so that it is in nobody's way.
UPDATE event_routes.event_outbox
SET refused_because = :reason
WHERE id = :id
