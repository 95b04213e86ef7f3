-- A delivery opens a window, or joins one, and then has no end of its own.
INSERT INTO event_routes.position_window (delivery_id, leader, campaign_id, referrer_id, closes_at)
VALUES (:delivery, :leader, :campaign_id, :referrer_id, now() + make_interval(secs => CAST(:seconds AS double precision)))
