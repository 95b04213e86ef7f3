UPDATE event_routes.replay SET notes = notes || CAST(:note AS text) WHERE id = :id
