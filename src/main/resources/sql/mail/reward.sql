-- contract 2
-- An earned reward for a mail, with its status.
SELECT ur.status, r.name AS reward_name, r.description AS reward_description
FROM user_rewards ur
JOIN rewards r ON r.id = ur.reward_id AND r.campaign_id = ur.campaign_id
WHERE ur.id = :user_reward_id AND ur.user_id = :user_id AND ur.campaign_id = :campaign_id AND ur.reward_id = :reward_id
