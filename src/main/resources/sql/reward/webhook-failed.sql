-- A webhook failed. Says in how many attempts it has, and for how long without a break.
INSERT INTO event_routes.webhook_endpoint AS e (id, failing_since, failures, last_error)
VALUES (:id, now(), 1, :error)
ON CONFLICT (id) DO UPDATE
SET failing_since = coalesce(e.failing_since, now()),
    failures      = e.failures + 1,
    last_error    = excluded.last_error,
    updated_at    = now()
RETURNING e.failures, CAST(extract(epoch FROM now() - e.failing_since) AS double precision) AS seconds,
          e.disabled_at IS NOT NULL AS disabled
