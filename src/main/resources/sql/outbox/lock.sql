-- A separate statement, before rows are read: the next one takes its snapshot after the last holder of the lock has
-- committed. In one statement with the reading it would see rows that have just been published. Two numbers, so that the key
-- is not a campaign's. While the brokers are slow the transaction may idle for longer than others; an instance that froze in
-- it is still terminated, but not before the records in its Kafka client have expired (KafkaGuarantees.MAX_WAIT_MILLIS).
SELECT pg_try_advisory_xact_lock(CAST(CAST('event_routes.event_outbox' AS regclass) AS integer), 0),
       set_config('idle_in_transaction_session_timeout', '60s', true)
