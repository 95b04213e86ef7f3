-- Marks a delivery as done by a person.
UPDATE event_routes.delivery
SET status     = 'delivered',
    reason     = :reason,
    due_at     = NULL,
    waits_for  = NULL,
    updated_at = now()
WHERE id = :id
