-- As on a standby, or where default_transaction_read_only says so.
SHOW transaction_read_only
