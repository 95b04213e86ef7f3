-- Deletes a batch of deliveries that ended long ago, with their attempts and changes. :from skips rows that an earlier batch has already kept.
-- Failed deliveries are kept longer, and those that wait for a person until they are done.
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
    DELETE FROM event_routes.delivery d USING aged WHERE d.id = aged.id RETURNING d.id, d.created_at
), attempts AS (
    DELETE FROM event_routes.delivery_attempt a USING purged WHERE a.delivery_id = purged.id
), changes AS (
    DELETE FROM event_routes.delivery_change c USING purged WHERE c.delivery_id = purged.id
)
SELECT count(*) AS rows, max(created_at) AS up_to FROM purged
