-- Makes a delivery the leader whose leader ended without a mail; it takes over the other members.
UPDATE event_routes.position_window w
SET leader = me.delivery_id
FROM event_routes.position_window me
WHERE me.delivery_id = :delivery AND w.leader = me.leader AND w.delivery_id <> me.leader
