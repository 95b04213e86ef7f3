-- The deliveries of an event, counted by group and status: up to :among of them, found like those of explain-event.sql.
SELECT consumer_group, status, count(*) AS deliveries
FROM (
    SELECT consumer_group, status
    FROM event_routes.delivery
    WHERE event_id BETWEEN :event AND :event
    ORDER BY event_id
    LIMIT :among
) looked_at
GROUP BY consumer_group, status
