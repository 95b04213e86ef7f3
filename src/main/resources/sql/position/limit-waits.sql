-- For this transaction alone: it waits neither for a lock nor for itself without end, and compiles no plan.
SELECT set_config('lock_timeout', '10s', true),
       set_config('statement_timeout', '60s', true),
       set_config('jit', 'off', true)
