-- Takes the next events: they are deleted when the transaction commits, after the brokers have acknowledged them. One that is committed late
-- has a lower id than events already published, and is still found.
WITH taken AS (
    DELETE FROM event_routes.outcome_event
    WHERE id = ANY (ARRAY (SELECT id FROM event_routes.outcome_event ORDER BY id LIMIT :limit))
    RETURNING id, event_id, type, coalesce(account_id, campaign_id) AS account_id, campaign_id, data, created_at
)
SELECT * FROM taken ORDER BY id
