-- The window of a delivery: its leader, whether the leader ended without a mail, and how many seconds the leader still waits.
SELECT w.leader, d.idempotency_key AS leader_key, d.status IN ('failed', 'skipped') AS gone,
       extract(epoch FROM w.closes_at - now()) AS seconds
FROM event_routes.position_window w
JOIN event_routes.delivery d ON d.id = w.leader
WHERE w.delivery_id = :delivery
