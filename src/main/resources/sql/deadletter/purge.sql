-- Deletes dead letters that are older than the topics' retention.
DELETE FROM event_routes.dead_letter WHERE created_at < now() - make_interval(secs => :age)
