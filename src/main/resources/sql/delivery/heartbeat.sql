INSERT INTO event_routes.instance (id) VALUES (:instance)
ON CONFLICT (id) DO UPDATE SET seen_at = now()
