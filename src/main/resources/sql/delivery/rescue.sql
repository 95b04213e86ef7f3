-- Deliveries of dead instances are due again, if the instance's heartbeat is still the one that was judged. Its late outcomes count until
-- somebody takes the delivery, which makes a new lease. Locked rows are skipped until the next time: an instance that froze in the middle
-- of a transaction holds its locks, and must not hold up the live ones. An instance without leases is deleted. An attempt
-- that was cut off has no outcome.
WITH gone AS (
    SELECT g.instance, g.seen_at
    FROM jsonb_to_recordset(CAST(:gone AS jsonb)) AS g (instance uuid, seen_at timestamptz)
    LEFT JOIN event_routes.instance i ON i.id = g.instance
    WHERE i.seen_at IS NOT DISTINCT FROM g.seen_at
), forgotten AS (
    DELETE FROM event_routes.instance i USING gone g
    WHERE i.id = g.instance AND i.seen_at = g.seen_at
      AND NOT EXISTS (SELECT FROM event_routes.delivery d WHERE d.status = 'leased' AND d.lease_owner = i.id)
), orphaned AS (
    SELECT d.id, d.attempts, d.updated_at
    FROM event_routes.delivery d
    JOIN gone g ON g.instance = d.lease_owner
    WHERE d.status = 'leased'
    FOR UPDATE OF d SKIP LOCKED
), cut_off AS (
    INSERT INTO event_routes.delivery_attempt (delivery_id, attempt, started_at)
    SELECT id, attempts, updated_at FROM orphaned WHERE attempts > 0
    ON CONFLICT DO NOTHING
)
UPDATE event_routes.delivery d
SET status = 'due', due_at = now(), lease_owner = NULL, updated_at = now()
FROM orphaned
WHERE d.id = orphaned.id
