-- Limits for a migration, in its transaction only. Two seconds are enough for an autovacuum to give way (deadlock_timeout).
SET LOCAL statement_timeout = 0;
SET LOCAL lock_timeout = '2s'
