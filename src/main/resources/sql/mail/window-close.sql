-- Closes a window: nothing more joins it.
UPDATE event_routes.position_window SET closes_at = NULL WHERE delivery_id = :delivery
