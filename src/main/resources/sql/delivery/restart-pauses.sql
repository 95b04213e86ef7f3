-- After the database's clock was set back: pauses that began in what is now the future restart, so that none takes longer than twice
-- its length. Deliveries that were due at once are due now. Otherwise no row is in the future; the second allows for slow statements.
-- :limit counts twice, once for each index of what is due: without lane IS ... neither is used, and the whole ledger is read.
WITH single AS (
    SELECT id
    FROM event_routes.delivery
    WHERE status = 'due' AND lane IS NULL AND due_at > now() AND updated_at > now() + interval '1 second'
    LIMIT :limit
    FOR UPDATE SKIP LOCKED
), in_lanes AS (
    SELECT id
    FROM event_routes.delivery
    WHERE status = 'due' AND lane IS NOT NULL AND due_at > now() AND updated_at > now() + interval '1 second'
    LIMIT :limit
    FOR UPDATE SKIP LOCKED
)
UPDATE event_routes.delivery d
SET due_at = now() + greatest(d.due_at - d.updated_at, interval '0'), updated_at = now()
FROM (SELECT id FROM single UNION ALL SELECT id FROM in_lanes) next
WHERE d.id = next.id
