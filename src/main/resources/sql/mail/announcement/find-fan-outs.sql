-- The latest fan-outs, or one, with how many of its deliveries were in which status when they were last counted. It is done when
-- everybody is recorded, and nothing was left to do when they were counted after that.
SELECT f.delivery_id AS id, m.campaign_id, m.idempotency_key, f.recipients,
       CASE WHEN f.state = 'running' AND f.counted_at >= f.expanded_at
                 AND NOT jsonb_exists_any(f.counts, ARRAY ['due', 'held', 'leased']) THEN 'done' ELSE f.state END AS state,
       f.because, f.created_at, f.counted_at, coalesce(f.counts, '{}') AS counts
FROM event_routes.fan_out f
JOIN event_routes.delivery m ON m.id = f.delivery_id
WHERE CAST(:id AS uuid) IS NULL OR f.delivery_id = :id
ORDER BY f.created_at DESC
LIMIT :limit
