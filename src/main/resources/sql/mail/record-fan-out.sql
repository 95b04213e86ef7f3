-- Remembers how many people a milestone is announced to. Expanded twice, those count that were new.
INSERT INTO event_routes.fan_out (delivery_id, recipients) VALUES (:delivery, :recipients)
ON CONFLICT (delivery_id) DO UPDATE SET recipients = fan_out.recipients + excluded.recipients
RETURNING recipients
