-- Cancels deliveries, with an operator's reason.
UPDATE event_routes.delivery
SET status     = 'skipped',
    reason     = :reason,
    cancelled_at = now(),
    due_at     = NULL,
    waits_for  = NULL,
    updated_at = now()
WHERE id = ANY (CAST(string_to_array(:ids, ',') AS uuid[]))
