DELETE FROM event_routes.suppression WHERE until < now()
