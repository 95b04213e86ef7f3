-- contract 1
-- The next people of some campaigns along their unique index (campaign_id, email), who is on the board and who is not, each from an
-- address on.
SELECT b.campaign_id, coalesce(p.people, '{}') AS people, p.compared_to
FROM unnest(CAST(:campaigns AS uuid[]), CAST(:from AS text[])) AS b (campaign_id, address)
CROSS JOIN LATERAL (
    SELECT array_agg(u.id) AS people, max(u.email) AS compared_to
    FROM (SELECT u.id, u.email
          FROM waitlist_users u
          WHERE u.campaign_id = b.campaign_id AND u.email >= b.address
          ORDER BY u.email
          LIMIT :limit) u
) p
