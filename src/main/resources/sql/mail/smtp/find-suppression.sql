-- Why addresses are suppressed at the moment, those that are: for all campaigns, or for some. The other table has what was written before
-- addresses were hashed with a secret, and what instances of the previous version still write.
SELECT id, address, nullif(campaign_id, '') AS campaign_id, cause, reason, since, nullif(until, 'infinity') AS until
FROM event_routes.mail_suppression
WHERE address = ANY (string_to_array(:addresses, ',')) AND campaign_id = ANY (string_to_array(',' || :campaigns, ','))
  AND until > now()
UNION ALL
SELECT 0, address, NULL, 'bounce', reason, since, until
FROM event_routes.suppression
WHERE address = ANY (string_to_array(:addresses, ',')) AND until > now()
