-- Begins an attempt, if the lease is still held. No row: another instance holds the delivery.
WITH begun AS (
    UPDATE event_routes.delivery
    SET attempts = attempts + 1, updated_at = now()
    WHERE id = :id AND status = 'leased' AND lease = :lease
    RETURNING id, attempts
)
INSERT INTO event_routes.delivery_attempt (delivery_id, attempt)
SELECT id, attempts FROM begun
RETURNING attempt
