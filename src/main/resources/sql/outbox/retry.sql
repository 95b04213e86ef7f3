-- Releases rows to the relay again, unless somebody else has done so meanwhile.
UPDATE event_routes.event_outbox
SET refused_because = NULL
WHERE id = ANY (CAST(:ids AS bigint[])) AND refused_because IS NOT NULL
