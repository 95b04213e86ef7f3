-- As outbox/lock.sql: a separate statement, before rows are read, with time for slow brokers.
SELECT pg_try_advisory_xact_lock(CAST(CAST('event_routes.outcome_event' AS regclass) AS integer), 0),
       set_config('idle_in_transaction_session_timeout', '60s', true)
