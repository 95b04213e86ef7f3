-- Takes due deliveries of a group from the lanes of its receivers and leases them to this instance: from each lane as many as :rooms
-- says, else one, oldest first. Lanes are found by jumping from one to the next in the index, so a long lane costs no more than a
-- short one; :rooms is read once, and not for each lane. In random order, so that the limit favors no lane. Deliveries that wait for a
-- dependency that is down stay.
WITH RECURSIVE lanes AS (
    (SELECT d.lane
     FROM event_routes.delivery d
     WHERE d.consumer_group = :group AND d.status = 'due' AND d.lane IS NOT NULL
     ORDER BY d.lane
     LIMIT 1)
    UNION ALL
    SELECT (SELECT d.lane
            FROM event_routes.delivery d
            WHERE d.consumer_group = :group AND d.status = 'due' AND d.lane > l.lane
            ORDER BY d.lane
            LIMIT 1)
    FROM lanes l
    WHERE l.lane IS NOT NULL
), rooms AS MATERIALIZED (
    SELECT lane, CAST(room AS integer) AS room
    FROM jsonb_each_text(CAST(:rooms AS jsonb)) AS r (lane, room)
), next AS (
    SELECT due.id, due.due_at
    FROM (SELECT l.lane, coalesce(r.room, 1) AS room
          FROM lanes l
          LEFT JOIN rooms r ON r.lane = l.lane
          WHERE l.lane IS NOT NULL
          ORDER BY random()) l
    CROSS JOIN LATERAL (
        SELECT d.id, d.due_at
        FROM event_routes.delivery d
        WHERE d.consumer_group = :group AND d.status = 'due' AND d.lane = l.lane AND d.due_at <= now()
          AND (d.waits_for IS NULL OR d.waits_for <> ALL (string_to_array(:away, ',')))
        ORDER BY d.due_at
        LIMIT l.room
        FOR UPDATE SKIP LOCKED) due
    WHERE l.room > 0
    LIMIT :limit
), taken AS (
    UPDATE event_routes.delivery d
    SET status = 'leased', lease = d.lease + 1, lease_owner = :owner, due_at = NULL, waits_for = NULL, updated_at = now()
    FROM next
    WHERE d.id = next.id
    RETURNING d.id, d.consumer_group, d.recipient, d.event, d.attempts, d.lease, d.replay_id, d.lane,
              next.due_at AS was_due_at
)
SELECT id, consumer_group, recipient, event, attempts, lease, replay_id IS NOT NULL AS forced, lane, was_due_at AS due_at
FROM taken
ORDER BY was_due_at
