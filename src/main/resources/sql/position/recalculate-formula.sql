-- position = greatest(1, original position - verified referrals x points), for everyone who is neither deleted nor blocked.
-- Only rows that change are written, and they are locked in the order of id, as the application is asked to do.
WITH points AS (
    SELECT coalesce(
        CAST(c.referral_config ->> 'points_per_referral' AS integer),
        (SELECT p.points FROM event_routes.campaign_points p WHERE p.campaign_id = c.id),
        1) AS per_referral
    FROM campaigns c
    WHERE c.id = CAST(:#${body.campaign} AS uuid)
), moved AS (
    SELECT u.id, greatest(1, u.original_position - u.verified_referral_count * points.per_referral) AS position
    FROM waitlist_users u, points
    WHERE u.campaign_id = CAST(:#${body.campaign} AS uuid) AND u.deleted_at IS NULL AND u.status <> 'blocked'
      AND u.position IS DISTINCT FROM greatest(1, u.original_position - u.verified_referral_count * points.per_referral)
    ORDER BY u.id
    FOR UPDATE OF u
)
UPDATE waitlist_users u
SET position = moved.position
FROM moved
WHERE u.id = moved.id
