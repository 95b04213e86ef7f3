-- Remembers people to check again, once after each of these numbers of seconds. Its commit does not wait for the disk: losing
-- the server at that moment costs one check.
INSERT INTO event_routes.recent_people (people, due_at)
SELECT CAST(:people AS uuid[]), now() + make_interval(secs => after)
FROM unnest(CAST(:after AS double precision[])) AS after,
     (SELECT set_config('synchronous_commit', 'off', true)) AS of_this_statement
