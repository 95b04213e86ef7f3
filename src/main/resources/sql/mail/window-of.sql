-- Where a delivery stands: in whose mail it is, and for how many seconds that one still waits.
SELECT w.leader, d.idempotency_key AS leader_key, extract(epoch FROM w.closes_at - now()) AS seconds
FROM event_routes.position_window w
JOIN event_routes.delivery d ON d.id = w.leader
WHERE w.delivery_id = :delivery
