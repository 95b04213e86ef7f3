-- Stores the counts so far. The replay is no longer held or in trouble.
UPDATE event_routes.replay
SET plan = CAST(:plan AS jsonb), result = CAST(:result AS jsonb), held_because = NULL, error = NULL
WHERE id = :id
