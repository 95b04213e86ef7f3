-- The attempts of a delivery. One without an end was cut off, or is under way.
SELECT attempt, started_at, ended_at, outcome, code, reason
FROM event_routes.delivery_attempt
WHERE delivery_id = :id
ORDER BY attempt
