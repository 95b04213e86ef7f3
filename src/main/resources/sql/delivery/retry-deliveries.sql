-- Makes deliveries due now and restarts their retry schedule. The count of attempts continues, because it numbers them.
WITH changed AS (
    UPDATE event_routes.delivery
    SET status         = 'due',
        due_at         = now(),
        schedule_start = attempts,
        lease          = lease + 1,  -- earlier attempts no longer count
        waits_for      = NULL,
        cancelled_at   = NULL,
        updated_at     = now()
    WHERE id = ANY (CAST(string_to_array(:ids, ',') AS uuid[]))
    RETURNING id, attempts, status
)
INSERT INTO event_routes.delivery_change (delivery_id, attempt, status, what, who)
SELECT id, attempts, status, 'retried', :by FROM changed
