-- Begins attempts whose lease is still held and not yet used. Deliveries missing from the result are no longer ours.
-- The commit does not wait for the disk: waiting would only save the count of an attempt that began just before the server was
-- lost, and each effect would wait for the disk twice. The outcome's commit waits.
-- In a group, lock waits are short: after a timeout, each attempt begins alone. Sorted, so that two instances lock in the same order.
-- n = n + 0 is always true, and makes the planner expect one row instead of a hundred: it uses the index, even in a plan made when the
-- table was small. status || '' keeps it from using the index of leased deliveries.
WITH given AS MATERIALIZED (
    SELECT r.*
    FROM (SELECT set_config('synchronous_commit', 'off', true),
                 set_config('lock_timeout', CASE WHEN :alone THEN current_setting('lock_timeout') ELSE '250ms' END, true)) AS of_this_statement,
         jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (n integer, id uuid, lease integer, attempts integer, lane text)
    WHERE r.n = r.n + 0
    ORDER BY r.id
), begun AS (
    UPDATE event_routes.delivery d
    SET attempts = d.attempts + 1, lane = g.lane, updated_at = now()
    FROM given g
    WHERE d.id = g.id AND d.status || '' = 'leased' AND d.lease = g.lease AND d.attempts = g.attempts
    RETURNING g.n, d.attempts, d.attempts - d.schedule_start AS tries,
              d.created_at > now() - make_interval(secs => CAST(:early AS double precision)) AS young
)
SELECT n, attempts, tries, young FROM begun
