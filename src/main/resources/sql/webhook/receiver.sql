-- contract 1
-- The registered webhook that an earned reward goes to. No row: it goes to none.
SELECT CAST(w.id AS text)
FROM user_rewards ur
JOIN rewards r ON r.id = ur.reward_id
JOIN webhooks w ON w.campaign_id = ur.campaign_id AND w.url = r.delivery_config ->> 'webhook_url'
WHERE ur.id = :user_reward_id AND r.delivery_method = 'webhook'
