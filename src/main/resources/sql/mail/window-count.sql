-- How many deliveries a mail includes, with its own.
SELECT count(*) FROM event_routes.position_window WHERE leader = :delivery
