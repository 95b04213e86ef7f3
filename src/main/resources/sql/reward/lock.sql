-- contract 3
-- What status.sql is about to change, and what the application says of it. Sorted, so that two instances wait in one order.
SELECT id, status
FROM user_rewards
WHERE id = ANY (CAST(string_to_array(:user_reward_ids, ',') AS uuid[]))
ORDER BY id
FOR NO KEY UPDATE
