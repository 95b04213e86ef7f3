-- contract 1
-- Takes the people of some batches who are due for a check, and returns by campaign who has changed since they were ranked,
-- is new, or has left. Each is looked up separately: the planner cannot know how many they are. Campaigns whose config has no
-- valid points are left out; their recalculation reports it.
WITH due AS (
    DELETE FROM event_routes.recent_people
    WHERE id IN (SELECT id FROM event_routes.recent_people WHERE due_at <= now() ORDER BY due_at LIMIT 50 FOR UPDATE SKIP LOCKED)
    RETURNING people
), person AS MATERIALIZED (
    SELECT DISTINCT unnest(people) AS id FROM due
)
SELECT coalesce(now_.campaign_id, s.campaign_id) AS campaign_id, array_agg(p.id) AS people
FROM person p
LEFT JOIN LATERAL (
    SELECT s.campaign_id, s.score, s.created_at FROM event_routes.standing s WHERE s.user_id = p.id LIMIT 1
) s ON true
LEFT JOIN LATERAL (
    SELECT u.campaign_id, u.original_position - least(10, u.verified_referral_count) * worth.points AS score, u.created_at
    FROM waitlist_users u
    JOIN campaigns c ON c.id = u.campaign_id
    CROSS JOIN LATERAL event_routes.points_per_referral(
        c.id, CASE WHEN c.referral_config ->> 'points_per_referral' ~ '^-?[0-9]{1,9}$' THEN c.referral_config ELSE '{}' END) AS worth (points)
    WHERE u.id = p.id AND u.deleted_at IS NULL AND u.status <> 'blocked'
    LIMIT 1
) now_ ON true
WHERE (s.campaign_id, s.score, s.created_at) IS DISTINCT FROM (now_.campaign_id, now_.score, now_.created_at)
GROUP BY 1
