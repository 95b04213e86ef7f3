-- For this transaction alone: it gives up rather than hold others up, or search without end.
SELECT set_config('lock_timeout', '1s', true), set_config('statement_timeout', :seconds || 's', true)
