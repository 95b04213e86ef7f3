-- How many rows wait, how many were refused, the first waiting row (0: none) and how many seconds it has waited. At most a
-- million are counted.
SELECT (SELECT count(*) FROM (SELECT FROM event_routes.event_outbox WHERE refused_because IS NULL LIMIT 1000000) AS w)
           AS waiting,
       (SELECT count(*) FROM (SELECT FROM event_routes.event_outbox WHERE refused_because IS NOT NULL LIMIT 1000000) AS r)
           AS refused,
       coalesce(f.id, 0) AS first,
       coalesce(extract(epoch FROM clock_timestamp() - f.created_at), 0) AS seconds
FROM (SELECT) AS one
     LEFT JOIN (SELECT id, created_at
                FROM event_routes.event_outbox
                WHERE refused_because IS NULL
                ORDER BY id
                LIMIT 1) AS f ON true
