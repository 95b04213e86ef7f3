-- contract 1
-- The receivers of a campaign: its webhooks, then the URLs that its rewards name without being registered.
SELECT w.id, CAST(:campaign AS text) AS campaign_id, coalesce(w.url, r.url, '') AS url, coalesce(array_to_string(w.secrets, ','), '') AS secrets,
       coalesce(w.status, 'not registered: only a reward names its URL') AS status, e.failing_since IS NOT NULL AS failing,
       'since ' || to_char(e.disabled_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z: "') || e.disabled_because AS disabled_because
FROM (SELECT * FROM webhooks WHERE campaign_id = :campaign) w
FULL JOIN (SELECT DISTINCT delivery_config ->> 'webhook_url' AS url
           FROM rewards
           WHERE campaign_id = :campaign AND delivery_method = 'webhook') r ON r.url = w.url
LEFT JOIN event_routes.webhook_endpoint e ON e.id = w.id AND coalesce(e.url, w.url) = w.url
ORDER BY w.id, r.url
LIMIT :limit
