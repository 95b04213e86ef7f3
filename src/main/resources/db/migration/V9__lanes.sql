-- The lane of a delivery: the receiver that it is for, where receivers are served each at its own pace. What is due in a lane is
-- taken as that receiver has room for it, and stands in no other's way.

ALTER TABLE delivery ADD COLUMN lane text;  -- of reward-workers: webhooks.id, since it is known

DROP INDEX delivery_due;
CREATE INDEX delivery_due ON delivery (consumer_group, (recipient <> ''), due_at) WHERE status = 'due' AND lane IS NULL;
CREATE INDEX delivery_lane ON delivery (consumer_group, lane, due_at) WHERE status = 'due' AND lane IS NOT NULL;
