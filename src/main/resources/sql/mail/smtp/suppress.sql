-- Suppresses an address from now on.
INSERT INTO event_routes.suppression (address, reason, until)
VALUES (:address, :reason, now() + make_interval(secs => :seconds))
ON CONFLICT (address) DO UPDATE SET reason = excluded.reason, since = now(), until = excluded.until
