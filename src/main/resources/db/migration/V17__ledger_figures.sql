-- Counting what is not done reads this index alone: the status stands in it.

DROP INDEX delivery_not_done;
CREATE INDEX delivery_not_done ON delivery (consumer_group, status, created_at) WHERE status IN ('skipped', 'manual', 'failed');
