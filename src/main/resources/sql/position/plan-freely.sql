-- For the rest of this transaction, which reads everybody of a campaign: the planner knows how, when it knows of which one.
SELECT set_config('enable_seqscan', 'on', true),
       set_config('enable_hashjoin', 'on', true),
       set_config('enable_mergejoin', 'on', true),
       set_config('enable_bitmapscan', 'on', true),
       set_config('plan_cache_mode', 'auto', true)
