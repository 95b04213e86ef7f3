-- Where a delivery stands: in whose mail it is, whether that one has ended without a mail, and for how many seconds it still waits.
SELECT w.leader, d.idempotency_key AS leader_key, d.status IN ('failed', 'skipped') AS gone,
       extract(epoch FROM w.closes_at - now()) AS seconds
FROM event_routes.position_window w
JOIN event_routes.delivery d ON d.id = w.leader
WHERE w.delivery_id = :delivery
