-- Writes how an attempt ended, and says how many rows that were. Also under a lease that was given up meanwhile, as long
-- as nobody has taken the delivery since: taking it makes a new lease, and the outcome of the old one counts no more.
-- That the attempt began may have been lost with a server that was killed (begin.sql): here it is counted all the same.
WITH finished AS (
    UPDATE event_routes.delivery
    SET status      = :status,
        reason      = :reason,
        attempts    = greatest(attempts, :attempt),
        due_at      = now() + make_interval(secs => CAST(:pause AS double precision)),
        lease_owner = NULL,
        updated_at  = now()
    WHERE id = :id AND status IN ('leased', 'due') AND lease = :lease
    RETURNING id
), ended AS (
    UPDATE event_routes.delivery_attempt a
    SET ended_at = clock_timestamp(), outcome = :status, code = :code, reason = :reason
    FROM finished f
    WHERE a.delivery_id = f.id AND a.attempt = :attempt
)
SELECT count(*) FROM finished
