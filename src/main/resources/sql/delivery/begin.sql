-- Begins an attempt, if the lease is still held and nobody else has begun under it. No row: it is no longer ours.
-- Its commit does not wait for the disk: what that would save is only that an attempt is counted whose server was lost in the
-- same moment, and each effect would wait for the disk twice. The outcome's commit waits.
WITH begun AS (
    UPDATE event_routes.delivery
    SET attempts = attempts + 1, lane = :lane, updated_at = now()
    FROM (SELECT set_config('synchronous_commit', 'off', true)) AS of_this_statement
    WHERE id = :id AND status = 'leased' AND lease = :lease AND attempts = :attempts
    RETURNING id, attempts, attempts - schedule_start AS tries,
              created_at > now() - make_interval(secs => CAST(:early AS double precision)) AS young
), attempt AS (
    INSERT INTO event_routes.delivery_attempt (delivery_id, attempt)
    SELECT id, attempts FROM begun
)
SELECT attempts, tries, young FROM begun
