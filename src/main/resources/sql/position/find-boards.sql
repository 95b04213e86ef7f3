-- contract 1
-- How campaigns are to be ranked, how they were when they were last ranked, and how far that has come. What a referral is worth is what
-- event_routes.points_per_referral says, written out: the body of a function is planned anew in each statement, which takes longer
-- than a recalculation.
SELECT c.id AS campaign_id, c.referral_config ->> 'position_mode' AS mode,
       coalesce(CAST(c.referral_config ->> 'points_per_referral' AS bigint), p.points, 1) AS points,
       l.mode AS ranked_mode, l.points AS ranked_points, coalesce(l.people, 0) AS people,
       coalesce(l.compare_again, false) AS compare_again, l.compared_to,
       coalesce(l.trusted, false) AS trusted, l.numbered_score, l.numbered_created, l.numbered_user
FROM campaigns c
LEFT JOIN event_routes.campaign_points p ON p.campaign_id = c.id
LEFT JOIN event_routes.leaderboard l ON l.campaign_id = c.id
WHERE c.id = ANY (CAST(:campaigns AS uuid[]))
