-- Not to be done, for a reason that somebody gives.
UPDATE event_routes.delivery
SET status     = 'skipped',
    reason     = :reason,
    cancelled_at = now(),
    due_at     = NULL,
    waits_for  = NULL,
    updated_at = now()
WHERE id = :id
