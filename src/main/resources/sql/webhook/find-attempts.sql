-- The latest attempts at a webhook, of its latest deliveries.
SELECT d.id AS delivery, d.event_id, a.attempt, a.started_at,
       CAST(extract(epoch FROM a.ended_at - a.started_at) * 1000 AS bigint) AS duration_ms, a.outcome, a.code, a.reason
FROM (SELECT id, event_id
      FROM event_routes.delivery
      WHERE lane = :lane
      ORDER BY created_at DESC
      LIMIT 1000) d
JOIN event_routes.delivery_attempt a ON a.delivery_id = d.id
ORDER BY a.started_at DESC
LIMIT :limit
