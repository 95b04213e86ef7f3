-- For this transaction alone. How many rows lie between two scores is beyond the planner's knowledge; an index is never far
-- off, and a scan of everybody is.
SELECT set_config('enable_seqscan', 'off', true),
       set_config('enable_hashjoin', 'off', true),
       set_config('enable_mergejoin', 'off', true),
       set_config('enable_bitmapscan', 'off', true)
