-- For this transaction alone: it waits for a lock of the application's no longer than a worker can be spared.
SELECT set_config('lock_timeout', '250ms', true)
