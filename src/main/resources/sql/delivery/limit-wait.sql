-- For this transaction only: a lock of the application may not delay a worker for long.
SELECT set_config('lock_timeout', '250ms', true)
