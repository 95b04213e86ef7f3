-- Records the latest action on a dead letter; the audit has all. A letter that was already handled is not discarded; returns
-- how many rows were written.
INSERT INTO event_routes.dead_letter_action (consumer_group, letter, letter_at, action, who, reason)
VALUES (:group, :letter, :letter_at, :action, :who, :reason)
ON CONFLICT (consumer_group, letter, letter_at) DO UPDATE
SET action = excluded.action, who = excluded.who, at = now(), reason = excluded.reason
WHERE excluded.action <> 'discarded'
