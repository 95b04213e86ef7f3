-- The same for a migration that is not in a transaction: an index that is built CONCURRENTLY, behind which nobody waits.
SET statement_timeout = 0;
SET lock_timeout = 0
