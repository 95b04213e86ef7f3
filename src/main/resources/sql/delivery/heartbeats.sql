-- The heartbeat of each instance, and owners of leases without a heartbeat. Whether it is old by this server's clock is only a hint: a
-- server that has just started has no fresh heartbeats yet, and its clock may have been set.
SELECT h.instance, CAST(h.seen_at AS text) AS seen_at,
       greatest(h.seen_at, pg_postmaster_start_time()) < now() - make_interval(secs => :timeout) AS old
FROM (SELECT id AS instance, seen_at FROM event_routes.instance
      UNION ALL
      SELECT DISTINCT d.lease_owner, CAST(NULL AS timestamptz)
      FROM event_routes.delivery d
      WHERE d.status = 'leased' AND NOT EXISTS (SELECT FROM event_routes.instance i WHERE i.id = d.lease_owner)) h
