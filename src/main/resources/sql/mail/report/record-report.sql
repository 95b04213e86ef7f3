-- Records a report, unless it has been. Of somebody who was erased, it says only what happened.
INSERT INTO event_routes.mail_report (source, id, delivery_id, attempt, fan_out_id, kind, address, code, reason)
SELECT :source, :id, d.id, :attempt, :announcement, :kind, :address, :code, CASE WHEN d.event <> '{}' THEN :reason END
FROM event_routes.delivery d
WHERE d.id = :delivery
ON CONFLICT (source, id) DO NOTHING
