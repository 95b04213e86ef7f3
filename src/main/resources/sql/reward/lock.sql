-- contract 1
-- What status.sql is about to change.
SELECT id FROM user_rewards WHERE id = :user_reward_id FOR NO KEY UPDATE
