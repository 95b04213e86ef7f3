-- Whether the database is read-only: a standby, or default_transaction_read_only is on. Fails without the privilege to read the
-- ledger.
SELECT CAST(current_setting('transaction_read_only') AS boolean), EXISTS (SELECT FROM event_routes.instance)
