-- A batch of deliveries to change, oldest first. Those changed since the operation began are done.
SELECT id, consumer_group, status, lease_owner, attempts, false AS erased
FROM event_routes.delivery
WHERE consumer_group = :group AND status = :status
  AND (CAST(:campaign AS text) IS NULL OR campaign_id = :campaign)
  AND (CAST(:lane AS text) IS NULL OR lane = :lane)
  AND (CAST(:since AS timestamptz) IS NULL OR updated_at >= :since)
  AND updated_at < :begin
  AND event <> '{}' -- whose person was erased
ORDER BY created_at
LIMIT :limit
FOR UPDATE SKIP LOCKED
