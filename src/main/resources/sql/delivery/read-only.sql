-- Whether it can only be read, as on a standby, or where default_transaction_read_only says so. Without the right to read the ledger
-- this fails.
SELECT CAST(current_setting('transaction_read_only') AS boolean), EXISTS (SELECT FROM event_routes.instance)
