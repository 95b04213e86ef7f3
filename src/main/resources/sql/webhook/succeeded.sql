-- Records the success of a webhook that had failed: it has no row any more.
DELETE FROM event_routes.webhook_endpoint WHERE id = :id AND failing_since IS NOT NULL AND disabled_at IS NULL
