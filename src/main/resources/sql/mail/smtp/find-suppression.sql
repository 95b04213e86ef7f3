-- Why addresses are suppressed at the moment, those that are.
SELECT address, reason, since, until
FROM event_routes.suppression
WHERE address = ANY (string_to_array(:addresses, ',')) AND until > now()
