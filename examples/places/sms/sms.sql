-- The number comes from the application's own row, never from an event.
ALTER TABLE waitlist_users ADD COLUMN IF NOT EXISTS phone text;
