-- Tells the application how far the delivery of a reward has come.
UPDATE user_rewards
SET status            = :status,
    delivery_attempts = :attempts,
    last_error        = :error,
    delivered_at      = CASE WHEN :status = 'delivered' THEN now() ELSE delivered_at END
WHERE id = :user_reward_id AND status <> 'delivered'
