-- Records a warning about a webhook. No row: it was already recorded.
UPDATE event_routes.webhook_endpoint SET warned = :percent WHERE id = :id AND warned < :percent
