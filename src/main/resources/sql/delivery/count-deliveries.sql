-- How many deliveries a bulk change would change.
SELECT event_type, status, count(*) AS deliveries
FROM event_routes.delivery
WHERE consumer_group = :group AND status = :status
  AND (CAST(:campaign AS text) IS NULL OR campaign_id = :campaign)
  AND (CAST(:lane AS text) IS NULL OR lane = :lane)
  AND (CAST(:since AS timestamptz) IS NULL OR updated_at >= :since)
  AND updated_at < :begin
  AND event <> '{}' -- whose person was erased
GROUP BY event_type, status
ORDER BY event_type, status
