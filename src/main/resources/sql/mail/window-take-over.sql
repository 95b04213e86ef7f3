-- A delivery whose leader has ended without a mail leads, and has in its mail the others that were in that one.
UPDATE event_routes.position_window w
SET leader = me.delivery_id
FROM event_routes.position_window me
WHERE me.delivery_id = :delivery AND w.leader = me.leader AND w.delivery_id <> me.leader
