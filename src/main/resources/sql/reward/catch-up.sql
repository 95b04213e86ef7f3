-- contract 2
-- Tells the application of rewards that failed today and whose rows do not say so: they did not exist yet, or could not be
-- written. Locked rows are left for the next time. The ledger's reason may contain internals, and tenants read this.
WITH told AS (
    SELECT ur.id, failed.attempts
    FROM (
        SELECT CASE WHEN d.event #>> '{data,user_reward_id}' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
                    THEN CAST(d.event #>> '{data,user_reward_id}' AS uuid) END AS id,
               d.event -> 'data' AS data, d.attempts
        FROM event_routes.delivery d
        WHERE d.consumer_group = 'reward-workers' AND d.status = 'failed' AND d.created_at > now() - interval '1 day'
        OFFSET 0
    ) failed
    JOIN user_rewards ur ON ur.id = failed.id
    WHERE ur.status = ANY (string_to_array(:deliverable, ',')) AND ur.delivery_attempts = 0
      AND CAST(ur.user_id AS text) = failed.data ->> 'user_id'
      AND CAST(ur.campaign_id AS text) = failed.data ->> 'campaign_id'
      AND CAST(ur.reward_id AS text) = failed.data ->> 'reward_id'
    FOR NO KEY UPDATE OF ur SKIP LOCKED
)
UPDATE user_rewards ur
SET status = 'failed', delivery_attempts = told.attempts, last_error = 'it failed before this row could be written'
FROM told
WHERE ur.id = told.id
