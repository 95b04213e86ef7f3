-- Changes, newest first: of an operation such as deliveries.retry, or of a whole endpoint such as deliveries.
SELECT id, at, who, operation, CAST(arguments AS text) AS arguments, result
FROM event_routes.audit
WHERE (CAST(:operation AS text) IS NULL OR operation = :operation OR split_part(operation, '.', 1) = :operation)
  AND (CAST(:who AS text) IS NULL OR who = :who)
  AND (CAST(:before AS bigint) IS NULL OR id < :before)
ORDER BY id DESC
LIMIT :limit
