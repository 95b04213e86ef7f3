-- A delivery to change, locked so that nobody takes it meanwhile.
SELECT id, consumer_group, status, lease_owner, attempts, event = '{}' AS erased
FROM event_routes.delivery
WHERE id = :id
FOR UPDATE
