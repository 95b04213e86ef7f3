-- contract 1
-- The registered webhooks, with their health and how many deliveries are due to each.
SELECT w.id, w.campaign_id, w.url, w.status, e.failing_since, coalesce(e.failures, 0) AS failures, e.last_error,
       coalesce(e.warned, 0) AS warned, e.disabled_at, e.disabled_because,
       (SELECT count(*)
        FROM (SELECT
              FROM event_routes.delivery d
              WHERE d.consumer_group = 'reward-workers' AND d.status = 'due' AND d.lane = CAST(w.id AS text)
              LIMIT 10000) due) AS due
FROM webhooks w
LEFT JOIN event_routes.webhook_endpoint e ON e.id = w.id AND coalesce(e.url, w.url) = w.url
WHERE (CAST(:id AS uuid) IS NULL OR w.id = :id)
  AND (CAST(:campaign AS uuid) IS NULL OR w.campaign_id = :campaign)
  AND (CAST(:state AS text) IS NULL
       OR (:state = 'failing' AND e.failing_since IS NOT NULL AND e.disabled_at IS NULL)
       OR (:state = 'disabled' AND e.disabled_at IS NOT NULL))
  AND (CAST(:after AS uuid) IS NULL OR w.id > :after)
ORDER BY w.id
LIMIT :limit
