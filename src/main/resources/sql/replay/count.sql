-- Keeps the counts so far. What was in the way no longer is.
UPDATE event_routes.replay
SET plan = CAST(:plan AS jsonb), result = CAST(:result AS jsonb), held_because = NULL, error = NULL
WHERE id = :id
