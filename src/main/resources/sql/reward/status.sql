-- contract 4
-- Tells the application the status of rewards' deliveries. An event with the wrong owner or reward changes nothing here: it
-- is not about this row. A status with which the application has taken the reward back (neither one of :deliverable nor one
-- that this service writes) is kept; what is then told of a delivery that was in progress, or may have been, is too_late.
UPDATE user_rewards ur
SET status            = CASE WHEN theirs THEN ur.status ELSE told.status END,
    delivery_attempts = told.attempts,
    last_error        = CASE WHEN theirs THEN coalesce(told.too_late, ur.last_error) ELSE told.error END,
    delivered_at      = CASE WHEN told.status = 'delivered' THEN now() ELSE ur.delivered_at END
FROM (
    SELECT r.*, before.status <> 'failed' AND before.status <> ALL (string_to_array(:deliverable, ',')) AS theirs
    FROM jsonb_to_recordset(CAST(:rows AS jsonb))
        AS r (user_reward_id uuid, user_id text, campaign_id text, reward_id text, status text, attempts integer, error text, too_late text,
              n integer)
    JOIN user_rewards before ON before.id = r.user_reward_id
    WHERE r.n = r.n + 0  -- always true: makes the planner expect few rows, and use the index
) told
WHERE ur.id = told.user_reward_id AND ur.status <> 'delivered'
  AND CAST(ur.user_id AS text) = told.user_id AND CAST(ur.campaign_id AS text) = told.campaign_id
  AND CAST(ur.reward_id AS text) = told.reward_id
