-- Forgets the board of a campaign that the application has deleted: a page of its people, and the rest with the last page. Returns how
-- many people. The points that events named stay until purge-points.sql deletes them, should the campaign come back.
WITH page AS (
    SELECT user_id FROM event_routes.standing WHERE campaign_id = :campaign_id LIMIT :limit
), people AS (
    DELETE FROM event_routes.standing s USING page
    WHERE s.user_id = page.user_id AND s.campaign_id = :campaign_id
    RETURNING s.user_id
), board AS (
    DELETE FROM event_routes.leaderboard WHERE campaign_id = :campaign_id AND (SELECT count(*) FROM page) < :limit
)
SELECT count(*) FROM people
