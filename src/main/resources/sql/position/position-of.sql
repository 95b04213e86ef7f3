-- The position that a recalculation would give a person now: by the formula, or how many are ahead in the order of score,
-- sign-up and id, and one more.
SELECT CASE coalesce(c.referral_config ->> 'position_mode', :mode)
    WHEN 'rank' THEN (
        SELECT count(*) + 1
        FROM waitlist_users o
        WHERE o.campaign_id = c.id AND o.deleted_at IS NULL AND o.status <> 'blocked'
          AND (o.original_position - o.verified_referral_count * p.points, o.created_at, o.id)
            < (u.original_position - u.verified_referral_count * p.points, u.created_at, u.id))
    ELSE greatest(1, u.original_position - u.verified_referral_count * p.points)
    END
FROM waitlist_users u
JOIN campaigns c ON c.id = u.campaign_id
CROSS JOIN LATERAL event_routes.points_per_referral(
    c.id, c.referral_config, CAST(:points AS integer), CAST(:points_as_of AS timestamptz)) AS p (points)
WHERE u.campaign_id = :campaign_id AND u.id = :user_id
