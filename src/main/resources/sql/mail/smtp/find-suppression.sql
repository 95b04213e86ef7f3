-- Why an address is suppressed at the moment, if it is.
SELECT address, reason, since, until FROM event_routes.suppression WHERE address = :address AND until > now()
