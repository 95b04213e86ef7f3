-- contract 1
-- Voids earned rewards that may still be delivered, and returns which. Never one that is delivered; one whose row somebody else has
-- locked is passed over.
WITH free AS (
    SELECT id
    FROM user_rewards
    WHERE id = ANY (CAST(string_to_array(:user_reward_ids, ',') AS uuid[]))
      AND (status = 'failed' OR status = ANY (string_to_array(:deliverable, ',')))
    ORDER BY id
    FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE user_rewards ur
SET status = 'voided'
FROM free
WHERE ur.id = free.id
RETURNING ur.id
