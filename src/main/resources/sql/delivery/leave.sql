-- An instance stops: the deliveries that it still holds are due at once.
WITH gone AS (
    DELETE FROM event_routes.instance WHERE id = :instance
), cut_off AS (
    INSERT INTO event_routes.delivery_attempt (delivery_id, attempt, started_at)
    SELECT id, attempts, updated_at
    FROM event_routes.delivery
    WHERE status = 'leased' AND lease_owner = :instance AND attempts > 0
    ON CONFLICT DO NOTHING
), released AS (
    UPDATE event_routes.delivery
    SET status = 'due', due_at = now(), lease_owner = NULL, updated_at = now()
    WHERE status = 'leased' AND lease_owner = :instance
    RETURNING 1
)
SELECT count(*) FROM released
