-- Takes back an attempt that did not take place: the delivery is due after a pause, or once the dependency it waits for is back.
-- Returns the number of rows.
WITH waiting AS (
    UPDATE event_routes.delivery
    SET status      = 'due',
        due_at      = now() + make_interval(secs => CAST(:wait AS double precision)),
        waits_for   = :dependency,
        reason      = :reason,
        attempts    = attempts - 1,
        schedule_start = least(schedule_start, attempts - 1),
        lease_owner = NULL,
        updated_at  = now()
    WHERE id = :id AND status IN ('leased', 'due') AND lease = :lease AND attempts = :attempt
    RETURNING id
)
SELECT count(*) FROM waiting
