-- Why nothing is sent to an address at this moment, if so.
SELECT address, reason, since, until FROM event_routes.suppression WHERE address = :address AND until > now()
