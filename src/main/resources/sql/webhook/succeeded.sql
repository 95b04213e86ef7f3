-- Records the success of a webhook that had failed: its row is deleted.
DELETE FROM event_routes.webhook_endpoint WHERE id = :id AND failing_since IS NOT NULL AND disabled_at IS NULL
