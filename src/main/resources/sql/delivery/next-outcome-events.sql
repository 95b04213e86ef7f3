-- The next events. One that is committed late has a lower id than events already published, and is still found.
SELECT id, event_id, type, coalesce(account_id, campaign_id) AS account_id, campaign_id, data, created_at
FROM event_routes.outcome_event
ORDER BY id
LIMIT :limit
