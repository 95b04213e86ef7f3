-- Records what is being retried.
UPDATE event_routes.replay SET error = :error WHERE id = :id AND owner = :owner AND state IN ('planning', 'running')
