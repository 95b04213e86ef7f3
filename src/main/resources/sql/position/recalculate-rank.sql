-- position = place in the order of score, sign-up and id, 1 to n without gaps, over everyone who is neither deleted nor
-- blocked. Only rows that change are written, and they are locked in the order of id, as the application is asked to do.
WITH ranked AS (
    SELECT u.id,
           row_number() OVER (
               ORDER BY u.original_position - u.verified_referral_count * p.points, u.created_at, u.id) AS position
    FROM campaigns c
    CROSS JOIN LATERAL event_routes.points_per_referral(c.id, c.referral_config) AS p (points)
    JOIN waitlist_users u ON u.campaign_id = c.id AND u.deleted_at IS NULL AND u.status <> 'blocked'
    WHERE c.id = CAST(:#${body.campaign} AS uuid)
), moved AS (
    SELECT u.id, ranked.position
    FROM ranked
    JOIN waitlist_users u ON u.id = ranked.id
    WHERE u.position IS DISTINCT FROM ranked.position
    ORDER BY u.id
    FOR UPDATE OF u
)
UPDATE waitlist_users u
SET position = moved.position
FROM moved
WHERE u.id = moved.id
