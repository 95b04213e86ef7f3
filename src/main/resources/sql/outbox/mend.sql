-- Replaces a row's event, and releases the row to the relay.
UPDATE event_routes.event_outbox
SET event = CAST(:event AS jsonb), refused_because = NULL
WHERE id = :id
