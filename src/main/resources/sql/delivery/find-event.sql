-- The event of a delivery.
SELECT CAST(event AS text) FROM event_routes.delivery WHERE id = :id
