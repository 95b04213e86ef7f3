-- How many rows are not valid events, all or those of a type.
SELECT count(*)
FROM event_routes.event_outbox
WHERE refused_because IS NOT NULL
  AND (CAST(:type AS text) IS NULL OR event ->> 'type' = :type)
