-- How many events wait, at most a million, and for how many seconds the first has.
SELECT (SELECT count(*) FROM (SELECT FROM event_routes.outcome_event LIMIT 1000000) AS w) AS waiting,
       coalesce((SELECT extract(epoch FROM clock_timestamp() - created_at)
                 FROM event_routes.outcome_event
                 ORDER BY id
                 LIMIT 1), 0) AS seconds
