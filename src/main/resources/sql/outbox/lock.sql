-- A statement of its own, before rows are read: the next one takes its snapshot when the last holder of the lock has committed.
-- In one statement with the reading, rows would be seen that have just been published. Two numbers, so that it is not a campaign's.
-- While the brokers are slow the transaction does nothing for longer than others may; an instance that froze in it is still
-- ended, but not before what it has given to its Kafka client has expired.
SELECT pg_try_advisory_xact_lock(CAST(CAST('event_routes.event_outbox' AS regclass) AS integer), 0),
       set_config('idle_in_transaction_session_timeout', '60s', true)
