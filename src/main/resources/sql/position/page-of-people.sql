-- contract 1
-- The next people of a campaign along their unique index (campaign_id, email), on the board or not, from an address on.
WITH page AS MATERIALIZED (
    SELECT u.id, u.email
    FROM waitlist_users u
    WHERE u.campaign_id = :campaign_id AND u.email >= :from
    ORDER BY u.email
    LIMIT :limit
)
SELECT coalesce(array_agg(p.id), '{}') AS people, (SELECT p.email FROM page p ORDER BY p.email DESC LIMIT 1) AS compared_to
FROM page p
