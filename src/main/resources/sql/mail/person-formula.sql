-- A person with the names of the campaign, and the position that a recalculation would give (mode formula).
SELECT u.email, u.first_name, u.last_name, u.referral_code, u.verified_referral_count AS referral_count,
       greatest(1, u.original_position - u.verified_referral_count * p.points) AS position,
       u.status, u.deleted_at IS NOT NULL AS deleted,
       c.name AS campaign_name, c.slug AS campaign_slug,
       c.email_config ->> 'from_name' AS from_name, c.email_config ->> 'from_email' AS from_email
FROM waitlist_users u
JOIN campaigns c ON c.id = u.campaign_id
CROSS JOIN LATERAL (
    SELECT coalesce(
        CAST(c.referral_config ->> 'points_per_referral' AS integer),
        (SELECT named.points
         FROM (SELECT points, as_of FROM event_routes.campaign_points WHERE campaign_id = c.id
               UNION ALL
               SELECT CAST(:points AS integer), CAST(:points_as_of AS timestamptz)) named
         WHERE named.points IS NOT NULL
         ORDER BY named.as_of DESC
         LIMIT 1),
        1) AS points
) p
WHERE u.campaign_id = :campaign_id AND u.id = :user_id
