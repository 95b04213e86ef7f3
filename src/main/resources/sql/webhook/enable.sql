-- Enables a webhook, and forgets its failures. Returns whether it was disabled; no row: it has not failed.
DELETE FROM event_routes.webhook_endpoint WHERE id = :id RETURNING disabled_at IS NOT NULL
