-- Erases what was found, in one statement. The rows of deliveries stay, so that figures stay right, and say only what was done when; what
-- was not done yet is not done any more. A dead letter stays without content, so that the same record is not kept again.
WITH found AS MATERIALIZED (
    SELECT f.kind, f.id FROM jsonb_to_recordset(CAST(:found AS jsonb)) AS f (kind text, id text)
), remembered AS (
    INSERT INTO event_routes.erased_person AS e (person, campaign_id, until)
    SELECT event_routes.digest(u.id), c.id,
           greatest(to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') COLLATE "C",
                    (SELECT max(rtrim(d.event ->> 'timestamp', 'Z') COLLATE "C")
                     FROM event_routes.delivery d
                     WHERE d.id = ANY (ARRAY(SELECT CAST(id AS uuid) FROM found WHERE kind = 'deliveries'))))
    FROM unnest(CAST(:users AS text[])) AS u (id)
    CROSS JOIN unnest(CAST(:campaigns AS text[])) AS c (id)
    ON CONFLICT (person, campaign_id) DO UPDATE SET until = greatest(e.until, excluded.until)
), deliveries AS (
    UPDATE event_routes.delivery d
    SET idempotency_key = CASE WHEN d.recipient = '' THEN 'erased:' || d.id ELSE d.idempotency_key END,
        recipient       = CASE WHEN d.recipient = '' THEN '' ELSE 'erased:' || d.id END,
        event_id        = 'erased:' || d.id,
        event           = '{}',
        reason          = 'erased',
        status          = CASE d.status WHEN 'delivered' THEN 'delivered' ELSE 'skipped' END,
        cancelled_at    = CASE d.status WHEN 'delivered' THEN NULL ELSE now() END,
        due_at          = NULL,
        waits_for       = NULL,
        lease           = d.lease + 1,  -- who has it in a queue does not begin it
        lease_owner     = NULL,
        updated_at      = now()
    WHERE d.id = ANY (ARRAY(SELECT CAST(id AS uuid) FROM found WHERE kind = 'deliveries'))
), attempts AS (
    UPDATE event_routes.delivery_attempt SET reason = NULL
    WHERE delivery_id = ANY (ARRAY(SELECT CAST(id AS uuid) FROM found WHERE kind = 'deliveries')) AND reason IS NOT NULL
), reports AS (
    UPDATE event_routes.mail_report SET reason = NULL, address = NULL
    WHERE delivery_id = ANY (ARRAY(SELECT CAST(id AS uuid) FROM found WHERE kind = 'deliveries'))
), windows AS (
    DELETE FROM event_routes.position_window WHERE delivery_id = ANY (ARRAY(SELECT CAST(id AS uuid) FROM found WHERE kind = 'deliveries'))
), untold AS (
    DELETE FROM event_routes.untold_outcome WHERE delivery_id = ANY (ARRAY(SELECT CAST(id AS uuid) FROM found WHERE kind = 'deliveries'))
), letters AS (
    UPDATE event_routes.dead_letter
    SET key = NULL, value = NULL, header_names = '{}', header_values = '{}', reason = 'erased'
    WHERE id = ANY (ARRAY(SELECT CAST(id AS bigint) FROM found WHERE kind = 'dead_letters'))
), outbox AS (
    DELETE FROM event_routes.event_outbox
    WHERE id = ANY (ARRAY(SELECT CAST(id AS bigint) FROM found WHERE kind = 'outbox'))
), suppressions AS (
    UPDATE event_routes.mail_suppression SET reason = 'erased'
    WHERE id = ANY (ARRAY(SELECT CAST(id AS bigint) FROM found WHERE kind = 'suppressions'))
), subjects AS (
    DELETE FROM event_routes.replay_subject s
    USING event_routes.replay r
    WHERE r.policy <> 'positions' AND s.replay_id = r.id
      AND s.subject = ANY (ARRAY(SELECT id FROM found WHERE kind = 'replay_subjects'))
), audit AS (
    UPDATE event_routes.audit
    SET arguments = event_routes.without(arguments, CAST(:words AS text[])),
        result    = event_routes.without(result, CAST(:words AS text[]))
    WHERE id = ANY (ARRAY(SELECT CAST(id AS bigint) FROM found WHERE kind = 'audit'))
), reasons AS (
    UPDATE event_routes.delivery
    SET reason = event_routes.without(reason, CAST(:words AS text[]))
    WHERE id = ANY (ARRAY(SELECT CAST(id AS uuid) FROM found WHERE kind = 'delivery_reasons'))
), actions AS (
    UPDATE event_routes.dead_letter_action
    SET reason = event_routes.without(reason, CAST(:words AS text[]))
    WHERE concat_ws('/', consumer_group, letter, letter_at) = ANY (ARRAY(SELECT id FROM found WHERE kind = 'dead_letter_actions'))
), holds AS (
    UPDATE event_routes.reward_hold
    SET because = event_routes.without(because, CAST(:words AS text[]))
    WHERE user_reward_id = ANY (ARRAY(SELECT CAST(id AS uuid) FROM found WHERE kind = 'reward_holds'))
), announcements AS (
    UPDATE event_routes.fan_out
    SET because = event_routes.without(because, CAST(:words AS text[])),
        reached = CASE WHEN lower(reached) = ANY (CAST(:addresses AS text[])) THEN left(reached, 1) ELSE reached END -- recorded again, once
    WHERE delivery_id = ANY (ARRAY(SELECT CAST(id AS uuid) FROM found WHERE kind = 'announcements'))
), boards AS (
    UPDATE event_routes.leaderboard SET compared_to = left(compared_to, 1)
    WHERE campaign_id = ANY (ARRAY(SELECT CAST(id AS uuid) FROM found WHERE kind = 'boards'))
), webhooks AS (
    UPDATE event_routes.webhook_endpoint
    SET last_error       = event_routes.without(last_error, CAST(:words AS text[])),
        disabled_because = event_routes.without(disabled_because, CAST(:words AS text[]))
    WHERE id = ANY (ARRAY(SELECT CAST(id AS uuid) FROM found WHERE kind = 'webhooks'))
), forgotten AS (
    UPDATE event_routes.recent_people
    SET people = ARRAY(SELECT person FROM unnest(people) AS person WHERE person <> ALL (CAST(:uuids AS uuid[])))
    WHERE people && CAST(:uuids AS uuid[])
)
-- Who is on a board leaves it as soon as position-workers have looked: those behind move up. Unless the application still has them.
INSERT INTO event_routes.recent_people (people, due_at)
SELECT array_agg(CAST(id AS uuid)), now() FROM found WHERE kind = 'standings' HAVING count(*) > 0
