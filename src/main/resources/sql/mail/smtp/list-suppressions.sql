-- Active suppressions, of some addresses or of all, newest first, after the last one of a page.
SELECT id, address, nullif(campaign_id, '') AS campaign_id, cause, reason, since, nullif(until, 'infinity') AS until
FROM event_routes.mail_suppression
WHERE until > now()
  AND (CAST(:addresses AS text) IS NULL OR address = ANY (string_to_array(:addresses, ',')))
  AND (CAST(:before AS bigint) IS NULL OR id < :before)
ORDER BY id DESC
LIMIT :limit
