-- Takes due deliveries of a group and leases them to this instance: single ones before those of a fan-out, then oldest first;
-- the result has the same order. Rows that another instance is taking are skipped. In a CTE, which runs once: a subquery of
-- the update may run repeatedly, and take more than its limit. Deliveries that wait for a dependency that is down stay, as do
-- those in the lane of a receiver, for take-lanes.sql. :single and :fan_out say from when on each kind is searched (DueSearch).
WITH next AS (
    SELECT due.id, due.due_at
    FROM (VALUES (false, CAST(:single AS timestamptz)), (true, CAST(:fan_out AS timestamptz))) AS kind (many, since)
    CROSS JOIN LATERAL (
        SELECT d.id, d.due_at
        FROM event_routes.delivery d
        WHERE d.consumer_group = :group AND (d.recipient <> '') = kind.many AND d.status = 'due' AND d.lane IS NULL
          AND d.due_at >= kind.since AND d.due_at <= now()
          AND (d.waits_for IS NULL OR d.waits_for <> ALL (string_to_array(:away, ',')))
        ORDER BY d.due_at
        LIMIT :limit
        FOR UPDATE SKIP LOCKED) due
    LIMIT :limit
), taken AS (
    UPDATE event_routes.delivery d
    SET status = 'leased', lease = d.lease + 1, lease_owner = :owner, due_at = NULL, waits_for = NULL, updated_at = now()
    FROM next
    WHERE d.id = next.id
    RETURNING d.id, d.consumer_group, d.recipient, d.event, d.attempts, d.lease, d.replay_id, next.due_at AS was_due_at
)
SELECT id, consumer_group, recipient, event, attempts, lease, replay_id IS NOT NULL AS forced, CAST(NULL AS text) AS lane,
       was_due_at AS due_at
FROM taken
ORDER BY recipient <> '', was_due_at
