-- contract 2
-- The registered webhooks of earned rewards. No row: it has none.
SELECT CAST(ur.id AS text) AS user_reward_id, CAST(w.id AS text) AS webhook_id
FROM user_rewards ur
JOIN rewards r ON r.id = ur.reward_id
JOIN webhooks w ON w.campaign_id = ur.campaign_id AND w.url = r.delivery_config ->> 'webhook_url'
WHERE ur.id = ANY (CAST(string_to_array(:user_reward_ids, ',') AS uuid[])) AND r.delivery_method = 'webhook'
