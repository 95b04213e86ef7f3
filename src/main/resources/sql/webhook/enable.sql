-- Enables a webhook, and forgets its failures. Returns whether it was disabled; no row: it never failed.
UPDATE event_routes.webhook_endpoint e
SET failing_since = NULL, failures = 0, last_error = NULL, warned = 0, disabled_at = NULL, disabled_because = NULL,
    updated_at = now()
FROM (SELECT id, disabled_at FROM event_routes.webhook_endpoint WHERE id = :id FOR UPDATE) before
WHERE e.id = before.id
RETURNING before.disabled_at IS NOT NULL
