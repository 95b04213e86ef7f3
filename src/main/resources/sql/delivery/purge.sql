-- Deletes a batch of deliveries that ended long ago, with their attempts and changes. :from skips rows that an earlier batch has already kept.
-- Failed deliveries are kept longer, and those that wait for a person until they are done. An announcement is kept as long as any of its
-- mails: it says whether they may be sent.
WITH aged AS (
    SELECT id
    FROM event_routes.delivery d
    WHERE created_at >= :from AND created_at < now() - make_interval(secs => :age)
      AND (status IN ('delivered', 'skipped') AND updated_at < now() - make_interval(secs => :age)
           OR status = 'failed' AND updated_at < now() - make_interval(secs => :failed_age))
      AND (NOT EXISTS (SELECT FROM event_routes.fan_out f WHERE f.delivery_id = d.id)
           OR NOT EXISTS (
               SELECT FROM event_routes.delivery mail
               WHERE mail.consumer_group = d.consumer_group AND mail.idempotency_key = d.idempotency_key AND mail.recipient > ''
               ORDER BY mail.recipient    -- in the order of the unique index: a search for any of them could read the ledger
               OFFSET 0))
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
