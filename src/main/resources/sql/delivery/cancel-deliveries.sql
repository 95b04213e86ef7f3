-- Cancels deliveries, with an operator's reason.
WITH changed AS (
    UPDATE event_routes.delivery
    SET status       = 'skipped',
        reason       = :reason,
        cancelled_at = now(),
        due_at       = NULL,
        waits_for    = NULL,
        updated_at   = now()
    WHERE id = ANY (CAST(string_to_array(:ids, ',') AS uuid[]))
    RETURNING id, attempts, status
)
INSERT INTO event_routes.delivery_change (delivery_id, attempt, status, what, who)
SELECT id, attempts, status, 'cancelled', :by FROM changed
