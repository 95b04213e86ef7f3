-- Says why a replay does not go on.
UPDATE event_routes.replay
SET held_because = :reason
WHERE id = :id AND owner = :owner AND state = 'running' AND held_because IS DISTINCT FROM :reason
