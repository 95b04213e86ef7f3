-- Work that a group could not do now is due at once, even if the ledger already has it. It also loses its lease: an attempt
-- that began earlier may have missed something.
WITH put_off AS (
    SELECT *
    FROM jsonb_to_recordset(CAST(:rows AS jsonb))
        AS r (idempotency_key text, event_id text, event_type text, campaign_id text, event jsonb)
), cut_off AS (
    INSERT INTO event_routes.delivery_attempt (delivery_id, attempt, started_at)
    SELECT d.id, d.attempts, d.updated_at
    FROM put_off r
    JOIN event_routes.delivery d
        ON d.consumer_group = :group AND d.idempotency_key = r.idempotency_key AND d.recipient = ''
    WHERE d.status = 'leased' AND d.attempts > 0
    ON CONFLICT DO NOTHING
)
INSERT INTO event_routes.delivery
    (consumer_group, idempotency_key, event_id, event_type, campaign_id, event, status, due_at)
SELECT :group, r.idempotency_key, r.event_id, r.event_type, r.campaign_id, r.event, 'due', now()
FROM put_off r
ON CONFLICT (consumer_group, idempotency_key, recipient) DO UPDATE
SET status         = 'due',
    due_at         = now(),
    waits_for      = NULL,
    lease          = delivery.lease + 1,
    lease_owner    = NULL,
    schedule_start = delivery.attempts,
    event_id       = excluded.event_id,  -- the event that is done is the one that the row names
    event          = excluded.event,
    updated_at     = now()
