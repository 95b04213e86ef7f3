-- For this transaction alone: it gives up rather than hold others up.
SELECT set_config('lock_timeout', '1s', true), set_config('statement_timeout', '5s', true)
