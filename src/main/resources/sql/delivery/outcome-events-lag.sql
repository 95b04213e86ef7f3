-- How many events wait, at most a million, the first of them (0: none) and how many seconds it has waited.
SELECT (SELECT count(*) FROM (SELECT FROM event_routes.outcome_event LIMIT 1000000) AS w) AS waiting,
       coalesce(f.id, 0) AS first,
       coalesce(extract(epoch FROM clock_timestamp() - f.created_at), 0) AS seconds
FROM (SELECT) AS one
     LEFT JOIN (SELECT id, created_at FROM event_routes.outcome_event ORDER BY id LIMIT 1) AS f ON true
