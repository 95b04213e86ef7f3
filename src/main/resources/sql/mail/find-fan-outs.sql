-- The latest fan-outs, or one.
SELECT f.delivery_id AS id, m.campaign_id, m.idempotency_key, f.recipients, f.state, f.because, f.created_at, f.counted_at
FROM event_routes.fan_out f
JOIN event_routes.delivery m ON m.id = f.delivery_id
WHERE CAST(:id AS uuid) IS NULL OR f.delivery_id = :id
ORDER BY f.created_at DESC
LIMIT :limit
