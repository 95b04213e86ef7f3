-- Takes what is due of a group and leases it to this instance: single deliveries before those of a fan-out, else the oldest
-- first. Rows that another instance is taking at this moment are passed over.
UPDATE event_routes.delivery
SET status = 'leased', lease = lease + 1, lease_owner = :owner, due_at = NULL, updated_at = now()
WHERE id IN (
    SELECT id
    FROM event_routes.delivery
    WHERE consumer_group = :group AND status = 'due' AND due_at <= now()
    ORDER BY recipient <> '', due_at
    LIMIT :limit
    FOR UPDATE SKIP LOCKED
)
RETURNING id, consumer_group, recipient, event, attempts, lease
