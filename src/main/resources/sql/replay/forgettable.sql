-- The replays that no longer need what their plans have seen: keys, once the plan is complete, and campaigns, once the replay has ended.
SELECT r.id
FROM event_routes.replay r
CROSS JOIN LATERAL (
    SELECT FROM event_routes.replay_subject s WHERE s.replay_id = r.id ORDER BY s.subject LIMIT 1
) seen
WHERE r.state IN ('done', 'cancelled', 'failed') OR (r.state <> 'planning' AND r.policy <> 'positions')
