INSERT INTO event_routes.untold_outcome (delivery_id, attempt, to_others) VALUES (:id, :attempt, :to_others)
ON CONFLICT (delivery_id) DO UPDATE SET attempt = excluded.attempt, to_others = excluded.to_others
