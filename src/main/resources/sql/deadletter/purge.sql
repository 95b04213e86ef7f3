-- Forgets dead letters for which the topics' own retention would be over, and what operators did with such letters anywhere.
WITH gone AS (
    DELETE FROM event_routes.dead_letter WHERE created_at < now() - make_interval(secs => :age)
)
DELETE FROM event_routes.dead_letter_action WHERE letter_at < now() - make_interval(secs => :age)
