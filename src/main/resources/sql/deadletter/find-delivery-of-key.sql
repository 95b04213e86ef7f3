-- The delivery that a group has for an event.
SELECT id, status
FROM event_routes.delivery
WHERE consumer_group = :group AND idempotency_key = ANY (event_routes.keys(:key)) AND recipient = ''
  AND event_routes.key_of(idempotency_key, campaign_id, event) = :key
LIMIT 1
