-- Outcomes that the application has not been told. It is told of an attempt in progress when that ends; if another attempt has ended
-- since, it has been told of that one. Of groups, separated by commas; in random order, so that rows that stay locked do not block others.
WITH overtaken AS (
    DELETE FROM event_routes.untold_outcome u
    USING event_routes.delivery d
    WHERE d.id = u.delivery_id AND d.status <> 'leased' AND d.attempts <> u.attempt
)
SELECT d.id, d.consumer_group, d.event, d.status, d.attempts, d.reason, u.to_others
FROM event_routes.untold_outcome u
JOIN event_routes.delivery d ON d.id = u.delivery_id
WHERE d.attempts = u.attempt AND d.consumer_group = ANY (string_to_array(:groups, ','))
ORDER BY random()
LIMIT :limit
