-- How many deliveries of a group have each status, and how many seconds the oldest single one that a worker could take has waited: as in
-- backlog.sql not one of a fan-out, which waits behind everything else, nor one in a receiver's lane, which waits for that receiver.
-- Without delivered ones, which are most of the table. Each part is counted up to a limit, from its own index
-- (IS FALSE and IS TRUE match the index on the expression), which also limits the cost for a large ledger; in its order, or the planner
-- might rather read the ledger.
SELECT 'due' AS status,
       (SELECT count(*) FROM (SELECT FROM event_routes.delivery
                              WHERE consumer_group = :group AND status = 'due' AND lane IS NULL
                              ORDER BY recipient <> '', due_at LIMIT :limit) due)
       + (SELECT count(*) FROM (SELECT FROM event_routes.delivery
                                WHERE consumer_group = :group AND status = 'due' AND lane IS NOT NULL LIMIT :limit) due) AS deliveries,
       extract(epoch FROM now() - (SELECT due_at FROM event_routes.delivery
                                   WHERE consumer_group = :group AND status = 'due' AND lane IS NULL AND (recipient <> '') IS FALSE
                                     AND waits_for IS NULL AND due_at <= now()
                                   ORDER BY due_at LIMIT 1)) AS oldest_due
UNION ALL
SELECT waiting.status, waiting.deliveries, NULL
FROM (SELECT count(*) FILTER (WHERE waits_for = 'hold') AS held,
             count(*) FILTER (WHERE waits_for IS NULL AND attempts > 0) AS retrying
      FROM ((SELECT waits_for, attempts FROM event_routes.delivery
             WHERE consumer_group = :group AND status = 'due' AND lane IS NULL AND (recipient <> '') IS FALSE AND due_at > now()
             LIMIT :limit)
            UNION ALL
            (SELECT waits_for, attempts FROM event_routes.delivery
             WHERE consumer_group = :group AND status = 'due' AND lane IS NULL AND (recipient <> '') IS TRUE AND due_at > now()
             LIMIT :limit)
            UNION ALL
            (SELECT waits_for, attempts FROM event_routes.delivery
             WHERE consumer_group = :group AND status = 'due' AND lane IS NOT NULL AND due_at > now()
             LIMIT :limit)) later) counted
CROSS JOIN LATERAL (VALUES ('held', held), ('retrying', retrying)) AS waiting (status, deliveries)
UNION ALL
SELECT 'leased', count(*), NULL
FROM (SELECT FROM event_routes.delivery WHERE status = 'leased' AND consumer_group = :group LIMIT :limit) leased
UNION ALL
SELECT not_done.status,
       (SELECT count(*) FROM (SELECT FROM event_routes.delivery d
                              WHERE d.consumer_group = :group AND d.status = not_done.status
                                AND d.status IN ('skipped', 'manual', 'failed') LIMIT :limit) counted),
       NULL
FROM (VALUES ('skipped'), ('manual'), ('failed')) not_done (status)
