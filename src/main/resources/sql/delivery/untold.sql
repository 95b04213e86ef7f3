-- What the application has not been told. Of an attempt that is under way it hears when that has ended; of what has been overtaken by
-- another attempt it has heard by then. In an order of chance, so that rows which stay locked stand before no others.
WITH overtaken AS (
    DELETE FROM event_routes.untold_outcome u
    USING event_routes.delivery d
    WHERE d.id = u.delivery_id AND d.status <> 'leased' AND d.attempts <> u.attempt
)
SELECT d.id, d.consumer_group, d.event, d.status, d.attempts, d.reason, u.to_others
FROM event_routes.untold_outcome u
JOIN event_routes.delivery d ON d.id = u.delivery_id
WHERE d.attempts = u.attempt
ORDER BY random()
LIMIT :limit
