-- contract 1
-- The mail of a delivery, if an attempt was made to send it: what it was about, and which addresses it can have gone to.
SELECT d.campaign_id, d.attempts, u.email AS of_the_person, d.event #>> '{data,email}' AS of_the_event, f.delivery_id AS announcement
FROM event_routes.delivery d
CROSS JOIN LATERAL (SELECT event_routes.person(d.recipient, d.event) AS id OFFSET 0) person
LEFT JOIN waitlist_users u
    ON CAST(u.campaign_id AS text) = d.campaign_id
    AND u.id = CASE WHEN person.id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN CAST(person.id AS uuid) END
LEFT JOIN event_routes.delivery m
    ON d.recipient <> '' AND m.consumer_group = d.consumer_group AND m.idempotency_key = d.idempotency_key AND m.recipient = ''
LEFT JOIN event_routes.fan_out f ON f.delivery_id = m.id
WHERE d.id = :delivery AND d.attempts > 0 AND d.lane IS NULL -- a webhook is no mail
