INSERT INTO event_routes.instance (id, purge_after) VALUES (:instance, make_interval(secs => :purge_after))
ON CONFLICT (id) DO UPDATE SET seen_at = now()
