-- contract 1
-- Records a report, unless it has been, and returns the mail that it is about, with the addresses to which that can have gone. No row: no
-- attempt was made to send such a mail. Of somebody who was erased, a report says only what happened.
WITH mail AS MATERIALIZED (
    SELECT d.id, d.campaign_id, d.attempts, d.event = '{}' AS erased,
           u.email AS of_the_person, d.event #>> '{data,email}' AS of_the_event, f.delivery_id AS announcement
    FROM event_routes.delivery d
    CROSS JOIN LATERAL (SELECT event_routes.person(d.recipient, d.event) AS id OFFSET 0) person
    LEFT JOIN waitlist_users u
        ON CAST(u.campaign_id AS text) = d.campaign_id
        AND u.id = CASE WHEN person.id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN CAST(person.id AS uuid) END
    LEFT JOIN event_routes.delivery m
        ON d.recipient <> '' AND m.consumer_group = d.consumer_group AND m.idempotency_key = d.idempotency_key AND m.recipient = ''
    LEFT JOIN event_routes.fan_out f ON f.delivery_id = m.id
    WHERE d.id = :delivery AND d.attempts > 0 AND d.lane IS NULL -- otherwise it is a webhook
), recorded AS (
    INSERT INTO event_routes.mail_report (source, id, delivery_id, attempt, fan_out_id, kind, code, reason)
    SELECT :source, :id, id, attempts, announcement, :kind, :code, CASE WHEN NOT erased THEN :reason END
    FROM mail
    ON CONFLICT (source, id) DO NOTHING
    RETURNING 1
)
SELECT campaign_id, of_the_person, of_the_event, EXISTS (SELECT FROM recorded) AS first FROM mail
