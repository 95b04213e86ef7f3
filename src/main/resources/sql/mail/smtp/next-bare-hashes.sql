-- Addresses that are hashed without a secret.
SELECT address FROM event_routes.suppression ORDER BY address LIMIT :limit
