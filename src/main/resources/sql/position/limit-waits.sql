-- For this transaction alone. It waits neither for a lock nor for itself without end, nor for longer than the role may, and compiles
-- no plan. Plans are made once, and by index: how many rows lie between two scores is beyond the planner's knowledge, an index is
-- never far off, and a scan of everybody is.
SELECT set_config('lock_timeout', '10s', true),
       set_config('statement_timeout', CASE WHEN CAST(current_setting('statement_timeout') AS interval)
           BETWEEN interval '1 millisecond' AND interval '1 minute' THEN current_setting('statement_timeout') ELSE '60s' END, true),
       set_config('jit', 'off', true),
       set_config('enable_seqscan', 'off', true),
       set_config('enable_hashjoin', 'off', true),
       set_config('enable_mergejoin', 'off', true),
       set_config('enable_bitmapscan', 'off', true),
       set_config('plan_cache_mode', 'force_generic_plan', true)
