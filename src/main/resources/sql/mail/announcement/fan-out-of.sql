-- The state of the fan-out of a delivery.
SELECT f.state, f.because
FROM event_routes.delivery d
JOIN event_routes.delivery m
    ON m.consumer_group = d.consumer_group AND m.idempotency_key = d.idempotency_key AND m.recipient = ''
JOIN event_routes.fan_out f ON f.delivery_id = m.id
WHERE d.id = :delivery
