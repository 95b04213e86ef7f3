-- Notes what an operator did with a delivery.
INSERT INTO event_routes.delivery_change (delivery_id, attempt, status, what, who)
SELECT id, attempts, status, :what, :by FROM event_routes.delivery WHERE id = :id
