-- The latest reports.
SELECT delivery_id, outcome, code, reason, reported_at
FROM event_routes.mail_outcome
ORDER BY reported_at DESC
LIMIT :limit
