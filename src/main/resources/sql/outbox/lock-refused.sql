-- The same, locked until the end of the transaction: somebody else may be correcting one.
SELECT id, created_at, refused_because, event ->> 'type' AS type, event ->> 'campaign_id' AS campaign, event
FROM event_routes.event_outbox
WHERE refused_because IS NOT NULL
  AND (CAST(:id AS bigint) IS NULL OR id = :id)
  AND (CAST(:type AS text) IS NULL OR event ->> 'type' = :type)
ORDER BY id
LIMIT :limit
FOR UPDATE
