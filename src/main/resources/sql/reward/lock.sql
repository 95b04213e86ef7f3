-- contract 2
-- What status.sql is about to change, and what the application says of it.
SELECT status FROM user_rewards WHERE id = :user_reward_id FOR NO KEY UPDATE
