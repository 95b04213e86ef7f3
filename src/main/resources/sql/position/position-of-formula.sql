-- The position that a recalculation would give a person now.
SELECT greatest(1, u.original_position - u.verified_referral_count * p.points)
FROM waitlist_users u
JOIN campaigns c ON c.id = u.campaign_id
CROSS JOIN LATERAL event_routes.points_per_referral(
    c.id, c.referral_config, CAST(:points AS integer), CAST(:points_as_of AS timestamptz)) AS p (points)
WHERE u.campaign_id = :campaign_id AND u.id = :user_id
