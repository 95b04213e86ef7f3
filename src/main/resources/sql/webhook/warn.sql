-- Remembers that a webhook was warned of. No row: it was, already.
UPDATE event_routes.webhook_endpoint SET warned = :percent WHERE id = :id AND warned < :percent
