-- Records a webhook's failure. Returns in how many attempts, and for how long, it has failed continuously. A row for another
-- URL does not count, nor do failures before a silence of :silence seconds: nobody knows how the webhook was since.
INSERT INTO event_routes.webhook_endpoint AS e (id, url, failing_since, failures, last_error)
VALUES (:id, :url, now(), 1, :error)
ON CONFLICT (id) DO UPDATE
SET url              = excluded.url,
    (failing_since, failures, warned) = (
        SELECT CASE WHEN anew THEN now() ELSE coalesce(e.failing_since, now()) END,
               CASE WHEN anew THEN 1 ELSE e.failures + 1 END,
               CASE WHEN anew THEN 0 ELSE e.warned END
        FROM (SELECT e.url <> excluded.url OR e.updated_at < now() - make_interval(secs => :silence) AS anew) series),
    disabled_at      = CASE WHEN e.url <> excluded.url THEN NULL ELSE e.disabled_at END,
    disabled_because = CASE WHEN e.url <> excluded.url THEN NULL ELSE e.disabled_because END,
    last_error       = excluded.last_error,
    updated_at       = now()
RETURNING e.failures, CAST(extract(epoch FROM now() - e.failing_since) AS double precision) AS seconds,
          e.disabled_at IS NOT NULL AS disabled
