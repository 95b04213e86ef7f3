-- The time by the clock of the rows.
SELECT now()
