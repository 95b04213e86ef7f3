-- What somebody has cancelled before that had a column of its own. In a transaction of its own: nobody waits for a lock on the table.
UPDATE delivery SET cancelled_at = updated_at WHERE status = 'skipped' AND reason LIKE 'cancelled by %' AND cancelled_at IS NULL;
