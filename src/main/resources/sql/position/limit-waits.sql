-- For this transaction alone. It waits neither for a lock nor for itself without end, nor for longer than the role may, and compiles
-- no plan. With several campaigns it gives up soon: others wait for those that it has locked, and one at a time they are tried again.
-- It gives up before deadlock_timeout, too, so that the application is not the one that a deadlock costs its transaction.
-- Plans are made once, and by index: how many rows lie between two scores is beyond the planner's knowledge, an index is never far
-- off, and a scan of everybody is.
SELECT set_config('lock_timeout', most.wait, true),
       set_config('statement_timeout', CASE WHEN CAST(current_setting('statement_timeout') AS interval)
           BETWEEN interval '1 millisecond' AND CAST(most.statement AS interval) THEN current_setting('statement_timeout')
           ELSE most.statement END, true),
       set_config('jit', 'off', true),
       set_config('enable_seqscan', 'off', true),
       set_config('enable_hashjoin', 'off', true),
       set_config('enable_mergejoin', 'off', true),
       set_config('enable_bitmapscan', 'off', true),
       set_config('plan_cache_mode', 'force_generic_plan', true)
FROM (SELECT CASE WHEN :several THEN '100ms' ELSE '10s' END AS wait, CASE WHEN :several THEN '5s' ELSE '60s' END AS statement) most
