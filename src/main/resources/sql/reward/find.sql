-- contract 4
-- Earned rewards with everything that their delivery needs. Their rows are locked while reading: if a transaction is changing a
-- status, this fails at once (55P03). Then each reward is read alone, and the locked one again a second later. How long one waits
-- before it is delivered is what its reward says, else its campaign, unless an operator has said whether it is released.
SELECT ur.id, ur.user_id, ur.campaign_id, ur.reward_id, CAST(ur.reward_data AS text) AS data, ur.status,
       r.name, r.description, r.type, r.delivery_method AS method, r.delivery_config ->> 'webhook_url' AS webhook_url,
       u.email, u.status AS person_status, u.deleted_at IS NOT NULL AS person_deleted,
       w.id AS webhook_id, w.secrets AS webhook_secrets, w.status AS webhook_status,
       e.failing_since IS NOT NULL AS webhook_failing, e.disabled_at AS webhook_disabled_at,
       e.disabled_because AS webhook_disabled_because, ur.created_at, now() AS now,
       r.delivery_config ->> 'hold' AS hold, c.referral_config ->> 'reward_hold' AS campaign_hold, h.released, h.because AS held_because
FROM user_rewards ur
JOIN rewards r ON r.id = ur.reward_id
JOIN waitlist_users u ON u.id = ur.user_id
JOIN campaigns c ON c.id = ur.campaign_id
LEFT JOIN event_routes.reward_hold h ON h.user_reward_id = ur.id
LEFT JOIN webhooks w ON w.campaign_id = ur.campaign_id AND w.url = r.delivery_config ->> 'webhook_url'
LEFT JOIN event_routes.webhook_endpoint e ON e.id = w.id AND coalesce(e.url, w.url) = w.url
WHERE ur.id = ANY (CAST(string_to_array(:user_reward_ids, ',') AS uuid[]))
FOR SHARE OF ur NOWAIT
