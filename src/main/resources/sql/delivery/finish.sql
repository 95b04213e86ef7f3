-- Writes how an attempt ended, if the lease is still held, and says how many rows that were.
WITH finished AS (
    UPDATE event_routes.delivery
    SET status      = :status,
        reason      = :reason,
        due_at      = now() + make_interval(secs => CAST(:pause AS double precision)),
        lease_owner = NULL,
        updated_at  = now()
    WHERE id = :id AND status = 'leased' AND lease = :lease
    RETURNING id, attempts
), ended AS (
    UPDATE event_routes.delivery_attempt a
    SET ended_at = clock_timestamp(), outcome = :status, code = :code, reason = :reason
    FROM finished f
    WHERE a.delivery_id = f.id AND a.attempt = f.attempts
)
SELECT count(*) FROM finished
