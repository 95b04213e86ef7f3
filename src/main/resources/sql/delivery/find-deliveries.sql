-- Deliveries by optional criteria, newest first, after the previous page's last one. A search tries recent windows first, so that
-- the newest are found without reading the rest.
SELECT d.id, d.consumer_group, d.event_id, d.event_type, d.campaign_id, d.idempotency_key, d.recipient,
       event_routes.person(d.recipient, d.event) AS person, d.status, d.reason, d.attempts, d.due_at, d.waits_for, d.lane, d.lease_owner, d.replay_id, d.created_at, d.updated_at,
       (SELECT o.outcome FROM event_routes.mail_outcome o WHERE o.delivery_id = d.id ORDER BY o.reported_at DESC LIMIT 1) AS reported
FROM event_routes.delivery d
WHERE (CAST(:status AS text) IS NULL OR d.status = :status)
  AND (CAST(:event AS text) IS NULL OR d.event_id = :event) AND (CAST(:type AS text) IS NULL OR d.event_type = :type)
  AND (CAST(:campaign AS text) IS NULL OR d.campaign_id = :campaign) AND (CAST(:group AS text) IS NULL OR d.consumer_group = :group)
  AND (CAST(:recipient AS text) IS NULL OR event_routes.person(d.recipient, d.event) = :recipient)
  AND (CAST(:webhook AS text) IS NULL OR d.lane = :webhook) AND (CAST(:waitsFor AS text) IS NULL OR d.status = 'due' AND d.waits_for = :waitsFor)
  AND (CAST(:because AS text) IS NULL OR event_routes.because(d.reason) = :because)
  AND (CAST(:since AS text) IS NULL OR d.updated_at >= CAST(:since AS timestamptz))
  AND (CAST(:before AS text) IS NULL OR d.updated_at < CAST(:before AS timestamptz))
  AND (CAST(:from AS text) IS NULL OR d.created_at >= CAST(:from AS timestamptz))
  AND (CAST(:to AS text) IS NULL OR d.created_at < CAST(:to AS timestamptz))
  AND d.created_at <= coalesce(CAST(:end AS timestamptz), now())
  AND d.created_at > coalesce(CAST(:end AS timestamptz), now()) - make_interval(secs => :window)
  AND (CAST(:after AS uuid) IS NULL OR (d.created_at, d.id) < (CAST(:end AS timestamptz), CAST(:after AS uuid)))
ORDER BY d.created_at DESC, d.id DESC
LIMIT :limit
