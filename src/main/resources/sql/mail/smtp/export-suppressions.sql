-- A page of the active suppressions as lines of CSV, newest first. What a spreadsheet would take for a formula begins with an apostrophe.
SELECT s.id,
       concat_ws(',', s.address, s.campaign_id, s.cause, '"' || replace(concat(f.apostrophe, s.reason), '"', '""') || '"',
                 to_char(s.since AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                 CASE WHEN s.until < 'infinity' THEN to_char(s.until AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') ELSE '' END) AS line
FROM event_routes.mail_suppression s
CROSS JOIN LATERAL (SELECT CASE WHEN s.reason ~ '^[=+@\t\r-]' THEN '''' END AS apostrophe) f
WHERE s.until > now() AND s.id < :before
ORDER BY s.id DESC
LIMIT :limit
