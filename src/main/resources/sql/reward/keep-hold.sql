-- Keeps what an operator says of when rewards may go out.
INSERT INTO event_routes.reward_hold (user_reward_id, released, because)
SELECT user_reward_id, CASE :action WHEN 'hold' THEN false WHEN 'release' THEN true END, :because
FROM unnest(CAST(string_to_array(:user_reward_ids, ',') AS uuid[])) AS chosen (user_reward_id)
ORDER BY user_reward_id
ON CONFLICT (user_reward_id) DO UPDATE SET released = excluded.released, because = excluded.because, created_at = now()
