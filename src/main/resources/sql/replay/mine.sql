-- The replays that this instance has to read for, oldest first.
SELECT id FROM event_routes.replay WHERE state IN ('planning', 'running') AND owner = :owner ORDER BY created_at
