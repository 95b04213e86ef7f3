-- The latest reports.
SELECT delivery_id, outcome, code, reason, to_char(reported_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS"Z"') AS reported_at
FROM event_routes.mail_outcome
ORDER BY mail_outcome.reported_at DESC
LIMIT 20
