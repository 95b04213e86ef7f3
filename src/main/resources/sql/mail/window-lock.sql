-- Serializes decisions about a person's window. A separate statement, so that the next one sees what the previous holder did.
SELECT pg_advisory_xact_lock(hashtext('position-window'), hashtext(:campaign_id || '/' || :referrer_id))
