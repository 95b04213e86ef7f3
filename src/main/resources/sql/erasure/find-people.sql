-- contract 1
-- The people whom the application has with an id, or with an address in a campaign or in any. Each campaign is looked up along its
-- unique index (campaign_id, email).
SELECT CAST(u.campaign_id AS text) AS campaign_id, CAST(u.id AS text) AS user_id, u.email, u.first_name, u.last_name
FROM waitlist_users u
WHERE u.id = CAST(:id AS uuid)
UNION ALL
SELECT CAST(u.campaign_id AS text), CAST(u.id AS text), u.email, u.first_name, u.last_name
FROM campaigns c
CROSS JOIN LATERAL (
    SELECT u.campaign_id, u.id, u.email, u.first_name, u.last_name
    FROM waitlist_users u
    WHERE u.campaign_id = c.id AND u.email IN (:address, lower(:address))
    OFFSET 0
) u
WHERE CAST(:address AS text) IS NOT NULL AND (CAST(:campaign AS uuid) IS NULL OR c.id = CAST(:campaign AS uuid))
