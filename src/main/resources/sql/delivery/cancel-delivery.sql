-- Cancels a delivery, with an operator's reason.
UPDATE event_routes.delivery
SET status     = 'skipped',
    reason     = :reason,
    cancelled_at = now(),
    due_at     = NULL,
    waits_for  = NULL,
    updated_at = now()
WHERE id = :id
