-- Remembers people who are to be looked at once more, after so many seconds each time. Its commit does not wait for the disk: a
-- server that is lost in that moment costs one look.
INSERT INTO event_routes.recent_people (people, due_at)
SELECT CAST(:people AS uuid[]), now() + make_interval(secs => after)
FROM unnest(CAST(:after AS double precision[])) AS after,
     (SELECT set_config('synchronous_commit', 'off', true)) AS of_this_statement
