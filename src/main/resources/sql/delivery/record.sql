-- Records what a consumer group has to do, leased to this instance. An existing row is a duplicate, also under the former key.
-- A skipped or failed delivery is reopened by a later, different event with the same key: a person may be back, or a missing row
-- may exist now. Not by the same event, which is read again after a crash or a replay; and not if it was cancelled, or if another
-- delivery's mail covers it.
-- Events from before a person was erased are skipped; OFFSET 0 keeps that a look-up per event.
-- Sorted by key, so that two instances that record the same events lock in the same order.
WITH offered AS MATERIALIZED (
    SELECT *
    FROM jsonb_to_recordset(CAST(:rows AS jsonb))
        AS r (idempotency_key text, event_id text, event_type text, campaign_id text, event jsonb)
    WHERE NOT EXISTS (                        -- what happened before somebody was erased
        SELECT FROM event_routes.erased_person e
        WHERE e.person = event_routes.digest(event_routes.person('', r.event)) AND e.campaign_id = r.campaign_id
          AND rtrim(r.event ->> 'timestamp', 'Z') COLLATE "C" <= e.until
        OFFSET 0)
    ORDER BY r.idempotency_key
), opened AS (
    UPDATE event_routes.delivery d
    SET status         = 'leased',
        reason         = NULL,
        due_at         = NULL,
        waits_for      = NULL,
        lane           = NULL,
        lease          = d.lease + 1,
        lease_owner    = :owner,
        schedule_start = d.attempts,
        replay_id      = NULL,
        event_id       = o.event_id,
        event          = o.event,
        created_at     = now(),
        updated_at     = now()
    FROM (SELECT offered.*, stands.id
          FROM offered
          CROSS JOIN LATERAL (
              SELECT k.id, k.status
              FROM event_routes.delivery k
              WHERE k.consumer_group = :group AND k.recipient = ''
                AND k.idempotency_key = ANY (event_routes.keys(offered.idempotency_key))
                AND event_routes.key_of(k.idempotency_key, k.campaign_id, k.event) = offered.idempotency_key
              OFFSET 0) stands              -- found by its key, however many rows were skipped or failed
          WHERE stands.status IN ('skipped', 'failed')) o
    WHERE d.id = o.id
      AND d.status IN ('skipped', 'failed') AND d.cancelled_at IS NULL
      AND d.event_id <> o.event_id
      -- As text: a row that a person edited may have an invalid time.
      AND rtrim(d.event ->> 'timestamp', 'Z') COLLATE "C" <= rtrim(o.event ->> 'timestamp', 'Z') COLLATE "C"
      AND NOT EXISTS (SELECT FROM event_routes.position_window w WHERE w.delivery_id = d.id AND w.leader <> w.delivery_id)
    RETURNING d.id, o.idempotency_key, d.lease, d.attempts
), recorded AS (
    INSERT INTO event_routes.delivery
        (consumer_group, idempotency_key, event_id, event_type, campaign_id, event, status, lease, lease_owner)
    SELECT :group, o.idempotency_key, o.event_id, o.event_type, o.campaign_id, o.event, 'leased', 1, :owner
    FROM offered o
    WHERE NOT event_routes.stands_as_before(:group, o.idempotency_key)
    ORDER BY o.idempotency_key
    ON CONFLICT (consumer_group, idempotency_key, recipient) DO NOTHING
    RETURNING id, idempotency_key, lease, attempts
)
SELECT id, idempotency_key, lease, attempts FROM recorded
UNION ALL
SELECT id, idempotency_key, lease, attempts FROM opened
