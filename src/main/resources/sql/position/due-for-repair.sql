-- A board with unfinished pages, otherwise the one whose last full comparison is the oldest, and too old. Nobody else takes
-- an unfinished one for a minute, which is as long as a page may take, nor another for five; a finished page sets when the next is due, so
-- a failed one gets its turn again then, even if the clock was set back.
UPDATE event_routes.leaderboard
SET recalculated_at = CASE WHEN go_on_at IS NULL
        THEN now() - make_interval(secs => :interval) + least(interval '5 minutes', make_interval(secs => :interval))
        ELSE recalculated_at END,
    go_on_at = CASE WHEN go_on_at IS NOT NULL THEN now() + interval '1 minute' END
WHERE campaign_id = coalesce((
    SELECT campaign_id
    FROM event_routes.leaderboard
    WHERE go_on_at <= now() OR go_on_at > now() + interval '1 minute'
    ORDER BY go_on_at
    LIMIT 1
    FOR UPDATE SKIP LOCKED
), (
    SELECT campaign_id
    FROM event_routes.leaderboard
    WHERE go_on_at IS NULL AND recalculated_at < now() - make_interval(secs => :interval)
    ORDER BY recalculated_at
    LIMIT 1
    FOR UPDATE SKIP LOCKED
))
RETURNING campaign_id, go_on_at IS NOT NULL AS unfinished
