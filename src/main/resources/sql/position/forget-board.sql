-- Forgets the board of a campaign that the application has deleted: some people at a time, and the rest with the last of them.
-- Returns how many people.
WITH some AS (
    SELECT user_id FROM event_routes.standing WHERE campaign_id = :campaign_id LIMIT :limit
), people AS (
    DELETE FROM event_routes.standing s USING some WHERE s.user_id = some.user_id RETURNING s.user_id
), board AS (
    DELETE FROM event_routes.leaderboard WHERE campaign_id = :campaign_id AND (SELECT count(*) FROM some) < :limit
), points AS (
    DELETE FROM event_routes.campaign_points WHERE campaign_id = :campaign_id AND (SELECT count(*) FROM some) < :limit
)
SELECT count(*) FROM people
