-- Notes the address of a soft bounce, and counts the mails to it that have bounced softly of late, this one included.
WITH noted AS (
    UPDATE event_routes.mail_report SET address = :address WHERE source = :source AND id = :id
)
SELECT 1 + count(DISTINCT delivery_id)
FROM event_routes.mail_report
WHERE address = ANY (string_to_array(:addresses, ',')) AND kind = 'soft_bounce' AND delivery_id <> :delivery
  AND reported_at > now() - make_interval(secs => :seconds)
