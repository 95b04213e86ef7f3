-- How many deliveries are in the mail of one, with itself.
SELECT count(*) FROM event_routes.position_window WHERE leader = :delivery
