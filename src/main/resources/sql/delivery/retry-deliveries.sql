-- Due now, and the schedule of retries starts anew. Attempts are counted on: they are numbered by it.
WITH cut_off AS (
    INSERT INTO event_routes.delivery_attempt (delivery_id, attempt, started_at)
    SELECT id, attempts, updated_at
    FROM event_routes.delivery
    WHERE id = ANY (CAST(string_to_array(:ids, ',') AS uuid[])) AND status = 'leased' AND attempts > 0
    ON CONFLICT DO NOTHING
)
UPDATE event_routes.delivery
SET status         = 'due',
    due_at         = now(),
    schedule_start = attempts,
    lease          = lease + 1,  -- what was begun before counts no more
    waits_for      = NULL,
    cancelled_at   = NULL,
    updated_at     = now()
WHERE id = ANY (CAST(string_to_array(:ids, ',') AS uuid[]))
