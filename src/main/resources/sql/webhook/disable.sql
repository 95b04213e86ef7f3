-- Disables a webhook. No row: it already was.
INSERT INTO event_routes.webhook_endpoint AS e (id, url, disabled_at, disabled_because)
VALUES (:id, :url, now(), :because)
ON CONFLICT (id) DO UPDATE
SET url = excluded.url, disabled_at = now(), disabled_because = excluded.disabled_because, updated_at = now()
WHERE e.disabled_at IS NULL OR e.url <> excluded.url
