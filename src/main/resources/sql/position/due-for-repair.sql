-- A board that has not been recalculated as a whole for longer than any other and than it is to be. Another instance takes
-- another one.
UPDATE event_routes.leaderboard
SET recalculated_at = now()
WHERE campaign_id = (
    SELECT campaign_id
    FROM event_routes.leaderboard
    WHERE recalculated_at < now() - make_interval(secs => :interval)
    ORDER BY recalculated_at
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
RETURNING campaign_id
