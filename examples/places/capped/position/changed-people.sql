-- contract 2
-- Of these people, each of a campaign, those whose score is another one than they were ranked with, who are new on the board, or who
-- left it. Each is looked up by their id alone: along an index of the campaign it would take as long as there are people, and where
-- most campaigns are small the planner would have it so.
SELECT p.campaign_id, p.id, s.score AS old_score, s.created_at AS old_created_at, now_.score, now_.created_at
FROM unnest(CAST(:campaigns AS uuid[]), CAST(:points AS bigint[]), CAST(:people AS uuid[])) AS p (campaign_id, points, id)
LEFT JOIN LATERAL (
    SELECT s.campaign_id, s.score, s.created_at FROM event_routes.standing s WHERE s.user_id = p.id OFFSET 0
) s ON s.campaign_id = p.campaign_id
LEFT JOIN LATERAL (
    SELECT u.campaign_id, u.original_position - least(10, u.verified_referral_count) * p.points AS score, u.created_at
    FROM waitlist_users u
    WHERE u.id = p.id AND u.deleted_at IS NULL AND u.status <> 'blocked'
    OFFSET 0
) now_ ON now_.campaign_id = p.campaign_id
WHERE (s.score, s.created_at) IS DISTINCT FROM (now_.score, now_.created_at)
