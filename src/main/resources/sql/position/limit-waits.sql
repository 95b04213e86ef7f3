-- For this transaction only: limits its waits for locks and its statements, to no longer than the role allows, and disables
-- JIT compilation. Plans are made once, and by index: the planner cannot know how many rows lie between two scores; an index
-- is never far off, but a scan of everybody is.
SELECT set_config('lock_timeout', '10s', true),
       set_config('statement_timeout', CASE WHEN CAST(current_setting('statement_timeout') AS interval)
           BETWEEN interval '1 millisecond' AND interval '1 minute' THEN current_setting('statement_timeout') ELSE '60s' END, true),
       set_config('jit', 'off', true),
       set_config('enable_seqscan', 'off', true),
       set_config('enable_hashjoin', 'off', true),
       set_config('enable_mergejoin', 'off', true),
       set_config('enable_bitmapscan', 'off', true),
       set_config('plan_cache_mode', 'force_generic_plan', true)
