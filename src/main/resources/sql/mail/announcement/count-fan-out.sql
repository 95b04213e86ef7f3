-- Counts a page of a fan-out's deliveries by status, after a person. Held ones have no due time.
SELECT page.status, count(*) AS deliveries, max(max(page.recipient)) OVER () AS last
FROM event_routes.delivery m
CROSS JOIN LATERAL ( -- in the order of the unique index: a join would read and sort them all
    SELECT d.recipient, CASE WHEN d.status = 'due' AND d.due_at IS NULL THEN 'held' ELSE d.status END AS status
    FROM event_routes.delivery d
    WHERE d.consumer_group = m.consumer_group AND d.idempotency_key = m.idempotency_key AND d.recipient > :after
    ORDER BY d.recipient
    LIMIT :limit
) page
WHERE m.id = :id
GROUP BY page.status
