-- Active suppressions, newest first, after the last one of a page.
SELECT s.address, s.reason, s.since, s.until
FROM event_routes.suppression s
WHERE s.until > now()
  AND (CAST(:before AS text) IS NULL
       OR (s.since, s.address) < (SELECT b.since, b.address FROM event_routes.suppression b WHERE b.address = :before))
ORDER BY s.since DESC, s.address DESC
LIMIT :limit
