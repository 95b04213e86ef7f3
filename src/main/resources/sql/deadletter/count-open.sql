-- How many dead letters of a group are open: those in the topic (:in_topic) and in the database, without those that somebody has handled.
SELECT greatest(0, CAST(:in_topic AS bigint)
    + (SELECT count(*) FROM event_routes.dead_letter WHERE consumer_group = :group)
    - (SELECT count(*) FROM event_routes.dead_letter_action WHERE consumer_group = :group))
