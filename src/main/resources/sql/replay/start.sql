UPDATE event_routes.replay SET state = 'running', started_by = :by, started_at = now() WHERE id = :id AND state = 'planned'
