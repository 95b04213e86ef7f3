-- Until the transaction ends, this is the only one that counts reports about an address.
SELECT pg_advisory_xact_lock(hashtextextended(:address, 0))
