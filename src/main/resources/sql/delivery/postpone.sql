-- Gives back a delivery whose receiver has no room for it now: due, in the lane of that receiver. No attempt has begun.
UPDATE event_routes.delivery
SET status = 'due', due_at = now(), lane = :lane, reason = :reason, lease_owner = NULL, updated_at = now()
WHERE id = :id AND status = 'leased' AND lease = :lease AND attempts = :attempts
