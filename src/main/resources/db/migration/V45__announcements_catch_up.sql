-- Since when mails of an announcement follow a change of its state, page by page; null once all do.
ALTER TABLE fan_out ADD COLUMN moving_since timestamptz;
