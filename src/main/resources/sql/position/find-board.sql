-- contract 1
-- How a campaign is to be ranked, and how it was when it was last ranked.
SELECT c.referral_config ->> 'position_mode' AS mode, p.points,
       l.mode AS ranked_mode, l.points AS ranked_points, l.people
FROM campaigns c
CROSS JOIN LATERAL event_routes.points_per_referral(c.id, c.referral_config) AS p (points)
LEFT JOIN event_routes.leaderboard l ON l.campaign_id = c.id
WHERE c.id = :campaign_id
