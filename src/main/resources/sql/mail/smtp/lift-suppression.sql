DELETE FROM event_routes.suppression WHERE address = :address AND until > now()
