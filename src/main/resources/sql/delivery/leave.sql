-- An instance stops: what it still holds is due at once.
WITH gone AS (
    DELETE FROM event_routes.instance WHERE id = :instance
), released AS (
    UPDATE event_routes.delivery
    SET status = 'due', due_at = now(), lease_owner = NULL, updated_at = now()
    WHERE status = 'leased' AND lease_owner = :instance
    RETURNING 1
)
SELECT count(*) FROM released
