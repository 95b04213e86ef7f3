-- A statement of its own: under READ COMMITTED the next one takes its snapshot after the wait, and so sees what the last
-- holder of the lock committed. In one statement with the recalculation it would read from before the wait.
-- The key goes through uuid, so that its spelling does not make two locks of one.
SELECT pg_advisory_xact_lock(hashtext(CAST(CAST(:#${body.campaign} AS uuid) AS text)))
