-- Records events by force, due at once: those already done with a new key and id, the others with their usual key, so that
-- the live group does not repeat them when it reads them. Deliveries in progress, and those that this replay has recorded
-- itself, are not changed.
INSERT INTO event_routes.delivery
    (consumer_group, idempotency_key, event_id, event_type, campaign_id, event, status, due_at, replay_id)
SELECT :group, r.idempotency_key || CASE WHEN d.id IS NULL THEN '' ELSE '#replay-' || :id END,
       r.event ->> 'id', r.event ->> 'type', r.event ->> 'campaign_id', r.event, 'due', now(), CAST(:id AS uuid)
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (idempotency_key text, event jsonb)
LEFT JOIN event_routes.delivery d
    ON d.consumer_group = :group AND d.idempotency_key = ANY (event_routes.keys(r.idempotency_key)) AND d.recipient = ''
       AND event_routes.key_of(d.idempotency_key, d.campaign_id, d.event) = r.idempotency_key
WHERE (d.id IS NULL OR (d.status NOT IN ('due', 'leased') AND d.replay_id IS DISTINCT FROM CAST(:id AS uuid)))
  AND NOT EXISTS (                        -- what happened before somebody was erased
      SELECT FROM event_routes.erased_person e
      WHERE e.person = event_routes.digest(event_routes.person('', r.event)) AND e.campaign_id = r.event ->> 'campaign_id'
        AND rtrim(r.event ->> 'timestamp', 'Z') COLLATE "C" <= e.until
      OFFSET 0)
ORDER BY r.idempotency_key
ON CONFLICT (consumer_group, idempotency_key, recipient) DO NOTHING
RETURNING event_type
