-- The latest attempt of a delivery that may have sent its mail although nobody knows: the answer was lost, as its reason says, or
-- the attempt was cut off with its instance, and has no reason. Only attempts before this one, and not those
-- that ended longer ago than :within.
SELECT coalesce(reason, '') AS reason
FROM event_routes.delivery_attempt
WHERE delivery_id = :delivery AND attempt < :attempt
  AND (outcome IS NULL OR position(:unknown IN reason) > 0)
  AND coalesce(ended_at, started_at) > now() - make_interval(secs => :within)
ORDER BY attempt DESC
LIMIT 1
