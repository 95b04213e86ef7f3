-- Releases rows to the relay again.
UPDATE event_routes.event_outbox
SET refused_because = NULL
WHERE id = ANY (CAST(:ids AS bigint[]))
