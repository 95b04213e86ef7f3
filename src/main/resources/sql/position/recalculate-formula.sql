-- position = greatest(1, original position - verified referrals x points), for everyone who is neither deleted nor blocked.
-- Only rows that change are written, and they are locked in the order of id, as the application is asked to do.
WITH scored AS (
    SELECT u.id, greatest(1, u.original_position - u.verified_referral_count * p.points) AS position
    FROM campaigns c
    CROSS JOIN LATERAL event_routes.points_per_referral(c.id, c.referral_config) AS p (points)
    JOIN waitlist_users u ON u.campaign_id = c.id AND u.deleted_at IS NULL AND u.status <> 'blocked'
    WHERE c.id = CAST(:#${body.campaign} AS uuid)
), moved AS (
    SELECT u.id, scored.position
    FROM scored
    JOIN waitlist_users u ON u.id = scored.id
    WHERE u.position IS DISTINCT FROM scored.position
    ORDER BY u.id
    FOR UPDATE OF u
)
UPDATE waitlist_users u
SET position = moved.position
FROM moved
WHERE u.id = moved.id
