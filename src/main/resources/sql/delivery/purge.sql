-- Looks at the next deliveries after one (:from, :after), oldest first, and deletes those that ended long ago, with their attempts and
-- changes. Failed ones are kept longer, and those that wait for a person until they are done: a look passes over a limited number of them.
-- An announcement is kept as long as any of its mails: it says whether they may be sent.
WITH looked_at AS MATERIALIZED (
    SELECT id, created_at
    FROM event_routes.delivery
    WHERE created_at >= :from AND created_at < now() - make_interval(secs => :age) AND (created_at, id) > (:from, :after)
    ORDER BY created_at, id
    LIMIT :limit
), aged AS (
    SELECT d.id
    FROM looked_at
    JOIN event_routes.delivery d USING (id)
    WHERE (d.status IN ('delivered', 'skipped') AND d.updated_at < now() - make_interval(secs => :age)
           OR d.status = 'failed' AND d.updated_at < now() - make_interval(secs => :failed_age))
      AND (NOT EXISTS (SELECT FROM event_routes.fan_out f WHERE f.delivery_id = d.id)
           OR NOT EXISTS (
               SELECT FROM event_routes.delivery mail
               WHERE mail.consumer_group = d.consumer_group AND mail.idempotency_key = d.idempotency_key AND mail.recipient > ''
               ORDER BY mail.recipient    -- in the order of the unique index: a search for any of them could read the ledger
               OFFSET 0))
    FOR UPDATE OF d SKIP LOCKED
), purged AS (
    DELETE FROM event_routes.delivery d USING aged WHERE d.id = aged.id RETURNING d.id
), attempts AS (
    DELETE FROM event_routes.delivery_attempt a USING purged WHERE a.delivery_id = purged.id
), changes AS (
    DELETE FROM event_routes.delivery_change c USING purged WHERE c.delivery_id = purged.id
)
SELECT (SELECT count(*) FROM looked_at) AS rows, (SELECT count(*) FROM purged) AS purged, last.created_at AS up_to, last.id AS last, horizon
FROM (SELECT now() - make_interval(secs => :age) AS horizon) one
LEFT JOIN LATERAL (SELECT created_at, id FROM looked_at ORDER BY created_at DESC, id DESC LIMIT 1) last ON true
