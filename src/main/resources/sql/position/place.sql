-- The place of a person in the order of a board, also of one who was banned or has left since that was recalculated.
SELECT score, created_at
FROM event_routes.standing
WHERE campaign_id = :campaign_id AND user_id = :user_id
