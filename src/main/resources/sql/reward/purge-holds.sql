-- contract 1
-- Deletes what operators said long ago of rewards that were delivered, or that the application does not have any more.
DELETE FROM event_routes.reward_hold
WHERE user_reward_id IN (
    SELECT h.user_reward_id
    FROM event_routes.reward_hold h
    LEFT JOIN user_rewards ur ON ur.id = h.user_reward_id
    WHERE h.created_at < now() - make_interval(secs => :age) AND (ur.id IS NULL OR ur.status = 'delivered')
    LIMIT 10000
)
