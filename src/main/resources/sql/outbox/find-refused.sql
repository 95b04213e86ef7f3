-- Rows that are not valid events, oldest first: all, one, those of a type, or those after an id.
SELECT id, created_at, refused_because, event ->> 'type' AS type, event ->> 'campaign_id' AS campaign, event
FROM event_routes.event_outbox
WHERE refused_because IS NOT NULL
  AND (CAST(:id AS bigint) IS NULL OR id = :id)
  AND (CAST(:type AS text) IS NULL OR event ->> 'type' = :type)
  AND (CAST(:after AS bigint) IS NULL OR id > :after)
ORDER BY id
LIMIT :limit
