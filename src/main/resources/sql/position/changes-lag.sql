-- How many rows wait, and how many seconds the oldest has waited. At most a million are counted.
SELECT count(*) AS waiting, coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0) AS seconds
FROM (SELECT created_at FROM event_routes.person_change ORDER BY id LIMIT 1000000) AS w
