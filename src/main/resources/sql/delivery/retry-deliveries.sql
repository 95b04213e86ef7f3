-- Due now, and the schedule of retries starts anew. Attempts are counted on: they are numbered by it.
UPDATE event_routes.delivery
SET status         = 'due',
    due_at         = now(),
    schedule_start = attempts,
    lease          = lease + 1,  -- what was begun before counts no more
    waits_for      = NULL,
    cancelled_at   = NULL,
    updated_at     = now()
WHERE id = ANY (CAST(string_to_array(:ids, ',') AS uuid[]))
