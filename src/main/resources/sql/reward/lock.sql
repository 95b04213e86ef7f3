-- contract 3
-- Locks the rows that status.sql is about to change, in the order of their ids, and returns their status.
SELECT id, status
FROM user_rewards
WHERE id = ANY (CAST(string_to_array(:user_reward_ids, ',') AS uuid[]))
ORDER BY id
FOR NO KEY UPDATE
