-- One at a time decides about a person's window. A statement of its own: the next one is to see what the one before has done.
SELECT pg_advisory_xact_lock(hashtext('position-window'), hashtext(:campaign_id || '/' || :referrer_id))
