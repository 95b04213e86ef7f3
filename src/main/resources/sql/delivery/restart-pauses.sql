-- After the database's clock was set back: pauses that began in what is the future now begin anew, so none takes longer than twice
-- its time. What was due at once is so again. Without a step nothing is of the future; a second allows for statements that take long.
WITH next AS (
    SELECT id
    FROM event_routes.delivery
    WHERE status = 'due' AND due_at > now() AND updated_at > now() + interval '1 second'
    LIMIT :limit
    FOR UPDATE SKIP LOCKED
)
UPDATE event_routes.delivery d
SET due_at = now() + greatest(d.due_at - d.updated_at, interval '0'), updated_at = now()
FROM next
WHERE d.id = next.id
