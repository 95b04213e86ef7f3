-- How many mails were reported in the last day and week.
SELECT kind, count(*) FILTER (WHERE reported_at > now() - interval '1 day') AS day, count(*) AS week
FROM event_routes.mail_report
WHERE reported_at > now() - interval '7 days'
GROUP BY kind
ORDER BY kind
