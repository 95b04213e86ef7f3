-- contract 1
-- Tells the application how far the delivery of a reward has come. An event that names the wrong owner or reward changes
-- nothing here: it is not about this row.
UPDATE user_rewards
SET status            = :status,
    delivery_attempts = :attempts,
    last_error        = :error,
    delivered_at      = CASE WHEN :status = 'delivered' THEN now() ELSE delivered_at END
WHERE id = :user_reward_id AND status <> 'delivered'
  AND CAST(user_id AS text) = :user_id AND CAST(campaign_id AS text) = :campaign_id AND CAST(reward_id AS text) = :reward_id
