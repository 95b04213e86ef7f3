UPDATE event_routes.replay
SET state = :state, error = :error, cancelled_by = :cancelled_by, owner = NULL, held_because = NULL, ended_at = now()
WHERE id = :id AND state IN ('planning', 'planned', 'running')
