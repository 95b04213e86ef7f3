-- Deliveries to change, oldest first, that match criteria (as in find-deliveries.sql).
SELECT d.id, d.consumer_group, d.status, d.lease_owner, d.attempts, false AS erased
FROM event_routes.delivery d
WHERE d.status = :status AND d.event <> '{}' -- whose person was erased
  AND (CAST(:event AS text) IS NULL OR d.event_id = :event) AND (CAST(:type AS text) IS NULL OR d.event_type = :type)
  AND (CAST(:campaign AS text) IS NULL OR d.campaign_id = :campaign) AND (CAST(:group AS text) IS NULL OR d.consumer_group = :group)
  AND (CAST(:recipient AS text) IS NULL OR event_routes.person(d.recipient, d.event) = :recipient)
  AND (CAST(:webhook AS text) IS NULL OR d.lane = :webhook) AND (CAST(:waitsFor AS text) IS NULL OR d.status = 'due' AND d.waits_for = :waitsFor)
  AND (CAST(:because AS text) IS NULL OR event_routes.because(d.reason) = :because)
  AND (CAST(:since AS text) IS NULL OR d.updated_at >= CAST(:since AS timestamptz))
  AND (CAST(:before AS text) IS NULL OR d.updated_at < CAST(:before AS timestamptz))
  AND (CAST(:from AS text) IS NULL OR d.created_at >= CAST(:from AS timestamptz))
  AND (CAST(:to AS text) IS NULL OR d.created_at < CAST(:to AS timestamptz))
ORDER BY d.created_at
LIMIT :limit
FOR UPDATE SKIP LOCKED
