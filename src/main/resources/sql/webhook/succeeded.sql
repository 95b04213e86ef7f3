-- Records the success of a webhook that had failed.
UPDATE event_routes.webhook_endpoint
SET failing_since = NULL, failures = 0, last_error = NULL, warned = 0, updated_at = now()
WHERE id = :id AND failing_since IS NOT NULL AND disabled_at IS NULL
