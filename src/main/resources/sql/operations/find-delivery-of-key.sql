-- The delivery that a group has for an event.
SELECT id, status
FROM event_routes.delivery
WHERE consumer_group = :group AND idempotency_key = :key AND recipient = ''
