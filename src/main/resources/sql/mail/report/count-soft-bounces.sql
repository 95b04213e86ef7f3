-- How many mails to an address have bounced softly lately. Reports about the same address are counted one after another.
SELECT count(DISTINCT delivery_id)
FROM event_routes.mail_report
WHERE address = ANY (string_to_array(:addresses, ',')) AND kind = 'soft_bounce'
  AND reported_at > now() - make_interval(secs => :seconds)
