-- For how long an instance keeps what is done (deliveries.purge-after): all keep it for the longest of these. Null if it is of an earlier version.
ALTER TABLE instance ADD COLUMN purge_after interval;
