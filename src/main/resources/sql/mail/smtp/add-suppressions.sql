-- Adds suppressions, each at most once, and makes those longer that end earlier. In order, so that two calls wait for each other.
INSERT INTO event_routes.mail_suppression AS s (address, campaign_id, cause, reason, until)
SELECT DISTINCT ON (r.address, r.campaign_id, r.cause) r.address, r.campaign_id, r.cause, r.reason, coalesce(r.until, 'infinity')
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (address text, campaign_id text, cause text, reason text, until timestamptz)
ORDER BY r.address, r.campaign_id, r.cause, r.until DESC NULLS FIRST
ON CONFLICT (address, campaign_id, cause) DO UPDATE
SET reason = excluded.reason, until = excluded.until
WHERE excluded.until > s.until
