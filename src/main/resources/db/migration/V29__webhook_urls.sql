-- What is known of a webhook is known of its URL: one that is corrected in the same row begins anew. NULL: as of before this migration,
-- of whatever URL the row has.
ALTER TABLE webhook_endpoint ADD COLUMN url text;
