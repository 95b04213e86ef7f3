-- Records what is being retried. Whatever held the replay does so no longer.
UPDATE event_routes.replay SET error = :error, held_because = NULL WHERE id = :id AND owner = :owner AND state IN ('planning', 'running')
