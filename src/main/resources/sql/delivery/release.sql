-- Gives back deliveries that this instance has no room for: due at once.
UPDATE event_routes.delivery d
SET status = 'due', due_at = now(), lease_owner = NULL, updated_at = now()
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (id uuid, lease integer)
WHERE d.id = r.id AND d.status = 'leased' AND d.lease = r.lease
