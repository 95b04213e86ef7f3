-- Records why a replay is held.
UPDATE event_routes.replay
SET held_because = :reason
WHERE id = :id AND owner = :owner AND state = 'running' AND held_because IS DISTINCT FROM :reason
