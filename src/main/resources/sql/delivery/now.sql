-- The database's time, which the rows use.
SELECT now()
