-- Moves suppressions to the table where addresses are hashed with a secret.
WITH moved AS (
    DELETE FROM event_routes.suppression old
    USING jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (bare text, address text)
    WHERE old.address = r.bare
    RETURNING r.address, old.reason, old.since, old.until
)
INSERT INTO event_routes.mail_suppression AS s (address, cause, reason, since, until)
SELECT address, 'bounce', reason, since, until FROM moved ORDER BY address
ON CONFLICT (address, campaign_id, cause) DO UPDATE SET until = greatest(s.until, excluded.until)
