-- A board with unfinished pages, or one whose last full comparison is too old: of the first of each, the one that has been due for longer,
-- so that neither keeps the others waiting. Nobody else takes an unfinished one for a minute, which is as long as a page may take, nor
-- another for five; a finished page sets when the next is due, so a failed one gets its turn again then, even if the clock was set back.
WITH unfinished AS (
    SELECT campaign_id, go_on_at AS due_at
    FROM event_routes.leaderboard
    WHERE go_on_at <= now() OR go_on_at > now() + interval '1 minute'
    ORDER BY go_on_at
    LIMIT 1
    FOR UPDATE SKIP LOCKED
), old AS (
    SELECT campaign_id, recalculated_at + make_interval(secs => :interval) AS due_at
    FROM event_routes.leaderboard
    WHERE go_on_at IS NULL AND recalculated_at < now() - make_interval(secs => :interval)
    ORDER BY recalculated_at
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
UPDATE event_routes.leaderboard
SET recalculated_at = CASE WHEN go_on_at IS NULL
        THEN now() - make_interval(secs => :interval) + least(interval '5 minutes', make_interval(secs => :interval))
        ELSE recalculated_at END,
    go_on_at = CASE WHEN go_on_at IS NOT NULL THEN now() + interval '1 minute' END
WHERE campaign_id = (
    SELECT campaign_id
    FROM (SELECT * FROM unfinished UNION ALL SELECT * FROM old) first
    ORDER BY due_at
    LIMIT 1)
RETURNING campaign_id, go_on_at IS NOT NULL AS unfinished
