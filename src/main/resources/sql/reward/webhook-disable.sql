-- Disables a webhook. No row: it is, already.
INSERT INTO event_routes.webhook_endpoint AS e (id, disabled_at, disabled_because)
VALUES (:id, now(), :because)
ON CONFLICT (id) DO UPDATE
SET disabled_at = now(), disabled_because = excluded.disabled_because, updated_at = now()
WHERE e.disabled_at IS NULL
