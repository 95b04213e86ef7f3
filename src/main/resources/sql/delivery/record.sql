-- Records what a consumer group has to do, leased to this instance. What stands already is a duplicate.
-- Sorted by key, so that two instances that record the same events wait for each other in one order.
INSERT INTO event_routes.delivery
    (consumer_group, idempotency_key, event_id, event_type, campaign_id, event, status, lease, lease_owner)
SELECT :group, r.idempotency_key, r.event_id, r.event_type, r.campaign_id, r.event, 'leased', 1, :owner
FROM jsonb_to_recordset(CAST(:rows AS jsonb))
    AS r (idempotency_key text, event_id text, event_type text, campaign_id text, event jsonb)
ORDER BY r.idempotency_key
ON CONFLICT (consumer_group, idempotency_key, recipient) DO NOTHING
RETURNING id, idempotency_key, lease
