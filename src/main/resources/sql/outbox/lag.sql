-- How much waits, for how many seconds the first of it has, and how many rows were refused. No more than a million are counted.
SELECT (SELECT count(*) FROM (SELECT FROM event_routes.event_outbox WHERE refused_because IS NULL LIMIT 1000000) AS w)
           AS waiting,
       (SELECT count(*) FROM (SELECT FROM event_routes.event_outbox WHERE refused_because IS NOT NULL LIMIT 1000000) AS r)
           AS refused,
       coalesce((SELECT extract(epoch FROM clock_timestamp() - created_at)
                 FROM event_routes.event_outbox
                 WHERE refused_because IS NULL
                 ORDER BY id
                 LIMIT 1), 0) AS seconds
