-- The application has been told a delivery's outcome, if that is still current.
DELETE FROM event_routes.untold_outcome u
USING event_routes.delivery d
WHERE u.delivery_id = :id AND d.id = u.delivery_id AND d.attempts = :attempts AND d.status = :status
