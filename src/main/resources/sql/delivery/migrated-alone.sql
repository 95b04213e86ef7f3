-- What it ends with: the session goes back to the pool.
RESET statement_timeout;
RESET lock_timeout
