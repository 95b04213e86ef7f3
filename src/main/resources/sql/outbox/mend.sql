-- Has the relay look at a row again, with another event in it.
UPDATE event_routes.event_outbox
SET event = CAST(:event AS jsonb), refused_because = NULL
WHERE id = :id
