-- The latest fan-outs and, besides them, some that are not done, paused ones first; or one; with their latest counts by status. A fan-out
-- is done when everybody is recorded, and a later count found nothing left to do; also one that was paused when its last mail had already
-- been sent.
WITH shown AS NOT MATERIALIZED (
    SELECT *, CASE WHEN state <> 'cancelled' AND counted_at >= expanded_at
                        AND NOT jsonb_exists_any(counts, ARRAY ['due', 'held', 'leased']) THEN 'done' ELSE state END AS now
    FROM event_routes.fan_out
)
SELECT f.delivery_id AS id, m.campaign_id, m.idempotency_key, f.recipients, f.now AS state,
       CASE WHEN f.now <> 'done' THEN f.because END AS because,
       f.created_at, f.counted_at, coalesce(f.counts, '{}') AS counts
FROM shown f
JOIN event_routes.delivery m ON m.id = f.delivery_id
WHERE f.delivery_id = :id
   OR CAST(:id AS uuid) IS NULL AND f.delivery_id IN (
        (SELECT delivery_id FROM event_routes.fan_out ORDER BY created_at DESC LIMIT :limit)
        UNION ALL
        (SELECT delivery_id FROM shown WHERE now NOT IN ('cancelled', 'done')
         ORDER BY now = 'paused' DESC, created_at DESC
         LIMIT :open))
ORDER BY f.created_at DESC
