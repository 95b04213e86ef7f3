-- Owners of leases that have no heartbeat; "old" as in heartbeats.sql. While a snapshot of the database is open, this passes over all leases
-- that have ended since.
SELECT DISTINCT d.lease_owner AS instance, CAST(NULL AS text) AS seen_at,
       pg_postmaster_start_time() < now() - make_interval(secs => :timeout) AS old
FROM event_routes.delivery d
WHERE d.status = 'leased' AND NOT EXISTS (SELECT FROM event_routes.instance i WHERE i.id = d.lease_owner)
