-- contract 1
-- The position that a recalculation would give a person now, and the mode of their campaign. By the formula it follows from
-- the person's own row. By rank it is the place after the person before them on the board, which an index finds, with the
-- person's current score and the scores with which the others were ranked. No position: there is no board ranked in this way,
-- or not up to there yet, and everybody ahead has to be counted. If some latest referrals are left out, it is the position
-- without them.
WITH person AS (
    SELECT u.id, u.campaign_id, u.created_at, p.points,
           u.original_position - least(10, greatest(0, u.verified_referral_count - :without)) * p.points AS score,
           c.referral_config ->> 'position_mode' AS named_mode
    FROM waitlist_users u
    JOIN campaigns c ON c.id = u.campaign_id
    CROSS JOIN LATERAL event_routes.points_per_referral(
        c.id, c.referral_config, CAST(:points AS integer), CAST(:points_as_of AS timestamptz)) AS p (points)
    WHERE u.campaign_id = :campaign_id AND u.id = :user_id
)
SELECT p.named_mode, p.points,
       CASE WHEN coalesce(p.named_mode, :mode) <> 'rank' THEN greatest(1, p.score)
            -- Who stood ahead of the one in front leaves a place there.
            WHEN l.campaign_id IS NOT NULL THEN
                coalesce(in_front.position, 0) + CASE WHEN before.position < in_front.position THEN 0 ELSE 1 END
       END AS position
FROM person p
LEFT JOIN event_routes.leaderboard l ON l.campaign_id = p.campaign_id AND l.mode = 'rank' AND l.points = p.points
    AND (l.trusted OR (p.score, p.created_at, p.id) <= (l.numbered_score, l.numbered_created, l.numbered_user))
LEFT JOIN event_routes.standing before ON before.user_id = p.id AND before.campaign_id = p.campaign_id
LEFT JOIN LATERAL (
    SELECT s.position
    FROM event_routes.standing s
    WHERE s.campaign_id = :campaign_id AND s.user_id <> p.id
      AND (s.score, s.created_at, s.user_id) < (p.score, p.created_at, p.id)
    ORDER BY s.score DESC, s.created_at DESC, s.user_id DESC
    LIMIT 1
) in_front ON true
