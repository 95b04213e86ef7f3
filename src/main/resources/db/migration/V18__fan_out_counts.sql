-- How far a fan-out has come, as it was last counted: that reads all its deliveries, and pages ask again and again.

ALTER TABLE fan_out ADD COLUMN counts jsonb, ADD COLUMN counted_at timestamptz, ADD COLUMN counted_until timestamptz;

COMMENT ON COLUMN fan_out.counted_until IS 'until when counts are good enough; null: they are not';
