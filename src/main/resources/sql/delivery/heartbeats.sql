-- The heartbeat of each instance. Whether it is old by this server's clock is only a hint: a server that has just started has no fresh
-- heartbeats yet, and its clock may have been set.
SELECT id AS instance, CAST(seen_at AS text) AS seen_at,
       greatest(seen_at, pg_postmaster_start_time()) < now() - make_interval(secs => :timeout) AS old
FROM event_routes.instance
