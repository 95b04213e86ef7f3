-- The number comes from the application's own row, never from an event.
ALTER TABLE waitlist_users ADD COLUMN IF NOT EXISTS phone text;
-- For the demo campaign of the development platform; the number is reserved for fiction.
UPDATE waitlist_users SET phone = '+12025550123'
WHERE campaign_id = 'c0ffee00-0000-4000-8000-000000000001' AND first_name IN ('Ada', 'Grace') AND phone IS NULL;
