SELECT count(*) FROM event_routes.replay_subject WHERE replay_id = :id
