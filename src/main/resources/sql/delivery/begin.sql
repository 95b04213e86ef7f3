-- Begins attempts whose lease is still held and under which nobody else has begun. What is not in the answer is no longer ours.
-- The commit does not wait for the disk: what that would save is only that an attempt is counted whose server was lost in the
-- same moment, and each effect would wait for the disk twice. The outcome's commit waits.
-- While others wait for their turn nothing waits long for somebody's lock: then each is begun alone. Sorted, so that two instances wait in one order.
-- n = n + 0 is always true, and makes the planner expect one row instead of a hundred: it uses the index, also by a plan that it made
-- when the table was small. status || '' keeps it from the index of all that are leased.
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
