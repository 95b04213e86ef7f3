-- A statement of its own: under READ COMMITTED the next one takes its snapshot after the wait, and so sees what the last
-- holder of the lock committed. In one statement with the recalculation it would read from before the wait.
-- The key goes through uuid, so that its spelling does not make two locks of one. Several are locked in the order of the locks, the
-- same everywhere; that of the ids would not do, since two ids can have one lock.
SELECT pg_advisory_xact_lock(hashtext(campaign))
FROM (SELECT CAST(id AS text) AS campaign
      FROM unnest(CAST(:campaigns AS uuid[])) AS id
      ORDER BY hashtext(CAST(id AS text))) campaigns
