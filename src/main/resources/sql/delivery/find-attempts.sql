-- The attempts of a delivery. One without an end was cut off or is in progress; by: what others did or report, not an attempt.
SELECT attempt, started_at, ended_at, CAST(extract(epoch FROM ended_at - started_at) * 1000 AS bigint) AS duration_ms, outcome, code, reason, by
FROM event_routes.attempt
WHERE delivery_id = :id
ORDER BY attempt, started_at
