-- Why nothing is sent to addresses at this moment, where that is so.
SELECT address, reason, since, until
FROM event_routes.suppression
WHERE address = ANY (string_to_array(:addresses, ',')) AND until > now()
