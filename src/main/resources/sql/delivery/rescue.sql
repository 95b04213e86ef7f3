-- What an instance held that has not been heard of for a while is due again. Its late outcomes count until
-- somebody takes the delivery, which makes another lease.
WITH gone AS (
    DELETE FROM event_routes.instance
    WHERE seen_at < now() - make_interval(secs => :timeout)
)
UPDATE event_routes.delivery d
SET status = 'due', due_at = now(), lease_owner = NULL, updated_at = now()
WHERE d.status = 'leased'
  AND NOT EXISTS (
      SELECT FROM event_routes.instance i
      WHERE i.id = d.lease_owner AND i.seen_at >= now() - make_interval(secs => :timeout)
  )
