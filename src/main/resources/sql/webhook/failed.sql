-- Records a webhook's failure. Returns in how many attempts, and for how long, it has failed continuously. A row for another
-- URL does not count.
INSERT INTO event_routes.webhook_endpoint AS e (id, url, failing_since, failures, last_error)
VALUES (:id, :url, now(), 1, :error)
ON CONFLICT (id) DO UPDATE
SET url              = excluded.url,
    failing_since    = CASE WHEN e.url <> excluded.url THEN now() ELSE coalesce(e.failing_since, now()) END,
    failures         = CASE WHEN e.url <> excluded.url THEN 1 ELSE e.failures + 1 END,
    warned           = CASE WHEN e.url <> excluded.url THEN 0 ELSE e.warned END,
    disabled_at      = CASE WHEN e.url <> excluded.url THEN NULL ELSE e.disabled_at END,
    disabled_because = CASE WHEN e.url <> excluded.url THEN NULL ELSE e.disabled_because END,
    last_error       = excluded.last_error,
    updated_at       = now()
RETURNING e.failures, CAST(extract(epoch FROM now() - e.failing_since) AS double precision) AS seconds,
          e.disabled_at IS NOT NULL AS disabled
