-- contract 2
-- Locks the row that status.sql is about to change, and returns its status.
SELECT status FROM user_rewards WHERE id = :user_reward_id FOR NO KEY UPDATE
