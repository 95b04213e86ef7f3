-- Writes how attempts ended, and returns which were written. A lease that was given up meanwhile still counts, as long as
-- nobody has taken the delivery since: taking it makes a new lease, and an outcome under the old one is ignored.
-- The begin of the attempt may have been lost when a server was killed (begin.sql): it is counted here all the same.
-- In a group, lock waits are short: after a timeout, each outcome is written alone. Sorted, so that two instances lock in the same order.
-- If a row names the type of an event, the event is written with it (V38__outcome_events.sql). Its content is that of outcome_subject, made
-- where the row is at hand: to join the view reads each row again. An id made by the database takes a third of the time of the whole event.
WITH ended AS MATERIALIZED (
    SELECT r.*, d.updated_at AS started_at
    FROM (SELECT set_config('lock_timeout', CASE WHEN :alone THEN current_setting('lock_timeout') ELSE '250ms' END, true)) AS of_this_statement,
         jsonb_to_recordset(CAST(:rows AS jsonb))
             AS r (n integer, id uuid, lease integer, attempt integer, status text, reason text, code text, pause double precision, event text,
                  event_id uuid, to_others text)
    JOIN event_routes.delivery d ON d.id = r.id
    WHERE r.n = r.n + 0                                  -- as in begin.sql
    ORDER BY r.id
), finished AS (
    UPDATE event_routes.delivery d
    SET status      = e.status,
        reason      = e.reason,
        attempts    = greatest(d.attempts, e.attempt),
        due_at      = now() + make_interval(secs => e.pause),
        lease_owner = NULL,
        updated_at  = now()
    FROM ended e
    WHERE d.id = e.id AND d.status IN ('leased', 'due') AND d.lease = e.lease
    RETURNING e.n, d.id, e.attempt, e.started_at, e.status, e.code, e.reason, e.event, e.event_id, d.campaign_id,
              CASE WHEN e.event IS NOT NULL THEN d.event ->> 'account_id' END AS account_id,
              CASE WHEN e.event IS NOT NULL THEN jsonb_strip_nulls(jsonb_build_object(
                  'delivery_id', d.id, 'group', d.consumer_group, 'event_id', d.event_id, 'event_type', d.event_type,
                  'campaign_id', d.campaign_id, 'user_id', event_routes.person(d.recipient, d.event),
                  'user_reward_id', d.event #>> '{data,user_reward_id}', 'attempts', d.attempts,
                  'status', e.status, 'code', e.code, 'reason', left(e.to_others, 1000))) END AS content
), attempts AS (
    INSERT INTO event_routes.delivery_attempt AS a (delivery_id, attempt, started_at, ended_at, outcome, code, reason)
    SELECT id, attempt, started_at, clock_timestamp(), status, code, reason
    FROM finished
    WHERE attempt > 0
    ON CONFLICT (delivery_id, attempt) DO UPDATE
    SET ended_at = excluded.ended_at, outcome = excluded.outcome, code = excluded.code, reason = excluded.reason
), told AS (
    INSERT INTO event_routes.outcome_event (event_id, type, account_id, campaign_id, data)
    SELECT event_id, event, account_id, campaign_id, content FROM finished WHERE event IS NOT NULL
)
SELECT n FROM finished
