-- The attempts of some deliveries. One without an end was cut off, or is in progress; by: what others did or report, not an attempt.
SELECT delivery_id, attempt, started_at, ended_at, CAST(extract(epoch FROM ended_at - started_at) * 1000 AS bigint) AS duration_ms,
       outcome, code, reason, by
FROM event_routes.attempt
WHERE delivery_id = ANY (CAST(string_to_array(:ids, ',') AS uuid[]))
ORDER BY delivery_id, attempt, started_at
