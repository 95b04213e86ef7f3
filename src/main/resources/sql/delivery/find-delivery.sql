-- One delivery.
SELECT d.id, d.consumer_group, d.event_id, d.event_type, d.campaign_id, d.idempotency_key, d.recipient,
       event_routes.person(d.recipient, d.event) AS person, d.status, d.reason, d.attempts, d.due_at, d.waits_for, d.lane, d.lease_owner, d.replay_id, d.created_at, d.updated_at,
       (SELECT o.outcome FROM event_routes.mail_outcome o WHERE o.delivery_id = d.id ORDER BY o.reported_at DESC LIMIT 1) AS reported
FROM event_routes.delivery d
WHERE d.id = :id
