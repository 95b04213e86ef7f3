-- A separate statement: under READ COMMITTED the next one takes its snapshot after the wait, and so sees what the last holder
-- of the lock committed. In one statement with the recalculation it would read the state before the wait. The key is cast to
-- uuid, so that two spellings share one lock.
SELECT pg_advisory_xact_lock(hashtext(CAST(CAST(:#${body.campaign} AS uuid) AS text)))
