-- The event whose delivery has a key: another event with the key is a duplicate of it.
SELECT event_id
FROM event_routes.delivery
WHERE consumer_group = :group AND idempotency_key = ANY (event_routes.keys(:key)) AND recipient = ''
  AND event_routes.key_of(idempotency_key, campaign_id, event) = :key
LIMIT 1
