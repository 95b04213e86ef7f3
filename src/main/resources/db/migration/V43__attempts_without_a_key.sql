-- An attempt is written in the statement that finds its delivery, and purged in the one that deletes it: the key only checked each
-- attempt a second time, which was a seventh of what the database does for a mail.
ALTER TABLE delivery_attempt DROP CONSTRAINT delivery_attempt_delivery_id_fkey;
