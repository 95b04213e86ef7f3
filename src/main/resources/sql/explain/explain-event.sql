-- The deliveries of an event, with clues to why they wait: single deliveries before those of a fan-out, and of a fan-out the
-- unfinished ones first. Of a fan-out to a million people, those among the first :among that the index has, since to sort them all would
-- take seconds, and each group's own row. A range, whose order makes the planner use the index however many deliveries the event has.
WITH looked_at AS MATERIALIZED (
    SELECT d.id, d.consumer_group, d.idempotency_key, d.recipient, d.status
    FROM event_routes.delivery d
    WHERE d.event_id BETWEEN :event AND :event
    ORDER BY d.event_id
    LIMIT :among
), shown AS MATERIALIZED (
    SELECT id
    FROM (
        SELECT id, consumer_group, recipient, status
        FROM looked_at
        UNION
        SELECT m.id, m.consumer_group, m.recipient, m.status
        FROM (SELECT DISTINCT idempotency_key FROM looked_at WHERE recipient <> '') f
        CROSS JOIN (SELECT consumer_group FROM looked_at UNION SELECT unnest(string_to_array(:groups, ','))) g
        CROSS JOIN LATERAL (
            SELECT id, consumer_group, recipient, status
            FROM event_routes.delivery own
            WHERE own.consumer_group = g.consumer_group AND own.idempotency_key = f.idempotency_key AND own.recipient = ''
              AND own.event_id = :event
            LIMIT 1 -- of one: keeps the planner from reading the table for what it thinks are many fan-outs
        ) m
    ) candidate
    ORDER BY recipient <> '', status IN ('delivered', 'skipped'), consumer_group, recipient
    LIMIT :limit
)
SELECT d.id, d.consumer_group, d.event_id, d.event_type, d.campaign_id, d.idempotency_key, d.recipient,
       event_routes.person(d.recipient, d.event) AS person, d.status, d.reason, d.attempts, d.due_at, d.waits_for, d.lane, d.lease_owner, d.replay_id, d.created_at, d.updated_at,
       (SELECT o.outcome FROM event_routes.mail_outcome o WHERE o.delivery_id = d.id ORDER BY o.reported_at DESC LIMIT 1) AS reported,
       d.event ->> 'timestamp' AS happened_at, leader.closes_at AS window_closes_at, f.state AS fan_out_state, f.because AS fan_out_because,
       e.disabled_at AS webhook_disabled_at, i.seen_at AS owner_seen_at
FROM shown
JOIN event_routes.delivery d USING (id)
LEFT JOIN event_routes.position_window w ON w.delivery_id = d.id
LEFT JOIN event_routes.position_window leader ON leader.delivery_id = w.leader
LEFT JOIN event_routes.delivery m
    ON d.recipient <> '' AND m.consumer_group = d.consumer_group AND m.idempotency_key = d.idempotency_key AND m.recipient = ''
LEFT JOIN event_routes.fan_out f ON f.delivery_id = coalesce(m.id, d.id)
LEFT JOIN event_routes.webhook_endpoint e ON CAST(e.id AS text) = d.lane
LEFT JOIN event_routes.instance i ON i.id = d.lease_owner
ORDER BY d.recipient <> '', d.status IN ('delivered', 'skipped'), d.consumer_group, d.recipient
