-- The number comes from the application's own row, never from an event.
ALTER TABLE waitlist_users ADD COLUMN IF NOT EXISTS phone text;
-- For the demo campaign of the development platform.
UPDATE waitlist_users SET phone = '+4915112345678' WHERE first_name IN ('Ada', 'Grace');
