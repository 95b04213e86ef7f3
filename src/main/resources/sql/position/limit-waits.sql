-- For this transaction alone: it waits neither for a lock nor for itself without end.
SELECT set_config('lock_timeout', '10s', true), set_config('statement_timeout', '60s', true)
