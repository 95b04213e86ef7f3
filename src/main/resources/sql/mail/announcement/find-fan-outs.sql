-- The latest fan-outs, or one, with their latest counts by status. A fan-out is done when everybody is recorded, and a later
-- count found nothing left to do.
SELECT f.delivery_id AS id, m.campaign_id, m.idempotency_key, f.recipients,
       CASE WHEN f.state = 'running' AND f.counted_at >= f.expanded_at
                 AND NOT jsonb_exists_any(f.counts, ARRAY ['due', 'held', 'leased']) THEN 'done' ELSE f.state END AS state,
       f.because, f.created_at, f.counted_at, coalesce(f.counts, '{}') AS counts
FROM event_routes.fan_out f
JOIN event_routes.delivery m ON m.id = f.delivery_id
WHERE CAST(:id AS uuid) IS NULL OR f.delivery_id = :id
ORDER BY f.created_at DESC
LIMIT :limit
