-- Deletes dead letters that are older than the topics' retention, and what operators did with any such letters.
WITH gone AS (
    DELETE FROM event_routes.dead_letter WHERE created_at < now() - make_interval(secs => :age)
)
DELETE FROM event_routes.dead_letter_action WHERE letter_at < now() - make_interval(secs => :age)
