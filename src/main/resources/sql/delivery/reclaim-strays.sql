-- Deliveries leased to this instance for longer than the handover takes, which it does not hold, are due again. So are those leased
-- equally far in the future, before the clock was set back.
WITH astray AS (
    SELECT id, attempts, updated_at
    FROM event_routes.delivery
    WHERE status = 'leased' AND lease_owner = :owner
      AND updated_at NOT BETWEEN now() - make_interval(secs => :age) AND now() + make_interval(secs => :age)
      AND id NOT IN (SELECT CAST(held.id AS uuid) FROM jsonb_array_elements_text(CAST(:held AS jsonb)) AS held (id))
    FOR UPDATE
), cut_off AS (
    INSERT INTO event_routes.delivery_attempt (delivery_id, attempt, started_at)
    SELECT id, attempts, updated_at FROM astray WHERE attempts > 0
    ON CONFLICT DO NOTHING
)
UPDATE event_routes.delivery d
SET status = 'due', due_at = now(), lease_owner = NULL, updated_at = now()
FROM astray
WHERE d.id = astray.id
