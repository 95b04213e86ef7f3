-- Records events without a row, due at once, for any instance with room. Existing rows are not changed.
INSERT INTO event_routes.delivery
    (consumer_group, idempotency_key, event_id, event_type, campaign_id, event, status, due_at)
SELECT :group, r.idempotency_key, r.event ->> 'id', r.event ->> 'type', r.event ->> 'campaign_id', r.event, 'due', now()
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (idempotency_key text, event jsonb)
WHERE NOT event_routes.stands_as_before(:group, r.idempotency_key)
  AND NOT EXISTS (                        -- what happened before somebody was erased
      SELECT FROM event_routes.erased_person e
      WHERE e.person = event_routes.digest(event_routes.person('', r.event)) AND e.campaign_id = r.event ->> 'campaign_id'
        AND rtrim(r.event ->> 'timestamp', 'Z') COLLATE "C" <= e.until
      OFFSET 0)
ORDER BY r.idempotency_key
ON CONFLICT (consumer_group, idempotency_key, recipient) DO NOTHING
RETURNING event_type
