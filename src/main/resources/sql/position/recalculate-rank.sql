-- position = place in the order of score, sign-up and id, 1 to n without gaps, over everyone who is neither deleted nor
-- blocked. Only rows that change are written, and they are locked in the order of id, as the application is asked to do.
WITH points AS (
    SELECT coalesce(
        CAST(c.referral_config ->> 'points_per_referral' AS integer),
        (SELECT p.points FROM event_routes.campaign_points p WHERE p.campaign_id = c.id),
        1) AS per_referral
    FROM campaigns c
    WHERE c.id = CAST(:#${body.campaign} AS uuid)
), ranked AS (
    SELECT u.id, u.position AS old_position,
           row_number() OVER (
               ORDER BY u.original_position - u.verified_referral_count * points.per_referral, u.created_at, u.id
           ) AS position
    FROM waitlist_users u, points
    WHERE u.campaign_id = CAST(:#${body.campaign} AS uuid) AND u.deleted_at IS NULL AND u.status <> 'blocked'
), moved AS (
    SELECT u.id, ranked.position
    FROM ranked
    JOIN waitlist_users u ON u.id = ranked.id
    WHERE ranked.old_position IS DISTINCT FROM ranked.position
    ORDER BY u.id
    FOR UPDATE OF u
)
UPDATE waitlist_users u
SET position = moved.position
FROM moved
WHERE u.id = moved.id
