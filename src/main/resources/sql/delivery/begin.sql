-- Begins an attempt, if the lease is still held and nobody else has begun under it. No row: it is no longer ours.
WITH begun AS (
    UPDATE event_routes.delivery
    SET attempts = attempts + 1, lane = :lane, updated_at = now()
    WHERE id = :id AND status = 'leased' AND lease = :lease AND attempts = :attempts
    RETURNING id, attempts, attempts - schedule_start AS tries
), attempt AS (
    INSERT INTO event_routes.delivery_attempt (delivery_id, attempt)
    SELECT id, attempts FROM begun
)
SELECT attempts, tries FROM begun
