-- A board that has not been recalculated as a whole for longer than any other and than it is to be. Nobody takes it for the next five
-- minutes; that it was recalculated is written when it has been, so one that could not be has its turn again then.
UPDATE event_routes.leaderboard
SET recalculated_at = now() - make_interval(secs => :interval) + least(interval '5 minutes', make_interval(secs => :interval))
WHERE campaign_id = (
    SELECT campaign_id
    FROM event_routes.leaderboard
    WHERE recalculated_at < now() - make_interval(secs => :interval)
    ORDER BY recalculated_at
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
RETURNING campaign_id
