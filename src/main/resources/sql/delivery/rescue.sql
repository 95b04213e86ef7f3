-- What an instance held that has not been heard of for a while is due again. Its late outcomes count until
-- somebody takes the delivery, which makes another lease.
-- A row that is locked is passed over until the next time: an instance that froze in the middle of a transaction holds its
-- locks, and must not hold up those that live. A database that has just started has heard of nobody yet.
WITH gone AS (
    DELETE FROM event_routes.instance
    WHERE greatest(seen_at, pg_postmaster_start_time()) < now() - make_interval(secs => :timeout)
), orphaned AS (
    SELECT d.id
    FROM event_routes.delivery d
    WHERE d.status = 'leased'
      AND pg_postmaster_start_time() < now() - make_interval(secs => :timeout)
      AND NOT EXISTS (
          SELECT FROM event_routes.instance i
          WHERE i.id = d.lease_owner AND i.seen_at >= now() - make_interval(secs => :timeout)
      )
    FOR UPDATE SKIP LOCKED
)
UPDATE event_routes.delivery d
SET status = 'due', due_at = now(), lease_owner = NULL, updated_at = now()
FROM orphaned
WHERE d.id = orphaned.id
