INSERT INTO event_routes.audit (who, operation, arguments, result)
VALUES (:who, :operation, CAST(:arguments AS jsonb), :result)
