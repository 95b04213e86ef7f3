-- contract 2
-- Tells the application the status of a reward's delivery. An event with the wrong owner or reward changes nothing here: it
-- is not about this row. A status with which the application has taken the reward back (neither one of :deliverable nor one
-- that this service writes) is kept, and a delivery that was in progress is reported as :too_late.
UPDATE user_rewards
SET status            = CASE WHEN theirs THEN status ELSE :status END,
    delivery_attempts = :attempts,
    last_error        = CASE WHEN NOT theirs THEN :error WHEN :status = 'delivered' THEN :too_late ELSE last_error END,
    delivered_at      = CASE WHEN :status = 'delivered' THEN now() ELSE delivered_at END
FROM (
    SELECT id AS found, status <> 'failed' AND status <> ALL (string_to_array(:deliverable, ',')) AS theirs
    FROM user_rewards
    WHERE id = :user_reward_id
) before
WHERE id = found AND status <> 'delivered'
  AND CAST(user_id AS text) = :user_id AND CAST(campaign_id AS text) = :campaign_id AND CAST(reward_id AS text) = :reward_id
