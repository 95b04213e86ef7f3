-- Forgets some of what was finished long ago, and its attempts with it, from a moment on: what stays before it is walked over once.
-- What failed is kept for longer, and what waits for a person until a person has done it.
WITH aged AS (
    SELECT id
    FROM event_routes.delivery
    WHERE created_at >= :from AND created_at < now() - make_interval(secs => :age)
      AND (status IN ('delivered', 'skipped') AND updated_at < now() - make_interval(secs => :age)
           OR status = 'failed' AND updated_at < now() - make_interval(secs => :failed_age))
    ORDER BY created_at
    LIMIT :limit
    FOR UPDATE SKIP LOCKED
), purged AS (
    DELETE FROM event_routes.delivery d USING aged WHERE d.id = aged.id RETURNING d.created_at
)
SELECT count(*) AS rows, max(created_at) AS up_to FROM purged
