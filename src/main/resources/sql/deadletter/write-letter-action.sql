-- The latest thing that was done with a dead letter; the audit has all. What was done already is not discarded: says how many
-- rows that were.
INSERT INTO event_routes.dead_letter_action (consumer_group, letter, letter_at, action, who, reason)
VALUES (:group, :letter, :letter_at, :action, :who, :reason)
ON CONFLICT (consumer_group, letter, letter_at) DO UPDATE
SET action = excluded.action, who = excluded.who, at = now(), reason = excluded.reason
WHERE excluded.action <> 'discarded'
