-- Announcements that people complain about, and that are not cancelled: of how many mails since it was last resumed.
SELECT f.delivery_id AS id, count(DISTINCT r.delivery_id) AS complaints, f.state,
       coalesce(f.state = 'paused' AND f.because LIKE 'complaints: %', false) AS stopped
FROM event_routes.mail_report r
JOIN event_routes.fan_out f ON f.delivery_id = r.fan_out_id
WHERE r.kind = 'complaint' AND f.state <> 'cancelled' AND r.reported_at > coalesce(f.resumed_at, '-infinity')
GROUP BY f.delivery_id
