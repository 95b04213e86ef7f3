-- A delivery for each active person of the campaign, out of the one for the campaign.
INSERT INTO event_routes.delivery
    (consumer_group, idempotency_key, recipient, event_id, event_type, campaign_id, event, status, due_at, replay_id)
SELECT d.consumer_group, d.idempotency_key, u.id, d.event_id, d.event_type, d.campaign_id, d.event, 'due', now(), d.replay_id
FROM event_routes.delivery d
JOIN waitlist_users u ON u.campaign_id = :campaign_id AND u.deleted_at IS NULL AND u.status <> 'blocked'
WHERE d.id = :delivery
ON CONFLICT (consumer_group, idempotency_key, recipient) DO NOTHING
