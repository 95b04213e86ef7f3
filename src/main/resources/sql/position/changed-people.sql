-- contract 1
-- Of these people, those whose score has changed since they were ranked, who are new on the board, or who left it.
SELECT p.id, s.score AS old_score, s.created_at AS old_created_at, now_.score, now_.created_at
FROM unnest(CAST(:people AS uuid[])) AS p (id)
LEFT JOIN event_routes.standing s ON s.user_id = p.id AND s.campaign_id = :campaign_id
LEFT JOIN LATERAL (
    SELECT u.original_position - u.verified_referral_count * CAST(:points AS bigint) AS score, u.created_at
    FROM waitlist_users u
    WHERE u.id = p.id AND u.campaign_id = :campaign_id AND u.deleted_at IS NULL AND u.status <> 'blocked'
) now_ ON true
WHERE (s.score, s.created_at) IS DISTINCT FROM (now_.score, now_.created_at)
