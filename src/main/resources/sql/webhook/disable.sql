-- Disables a webhook, and says whether it was not disabled before. With :told, others are told of it.
WITH disabled AS (
    INSERT INTO event_routes.webhook_endpoint AS e (id, url, disabled_at, disabled_because)
    VALUES (:id, :url, now(), :because)
    ON CONFLICT (id) DO UPDATE
    SET url = excluded.url, disabled_at = now(), disabled_because = excluded.disabled_because, updated_at = now()
    WHERE e.disabled_at IS NULL OR e.url <> excluded.url
    RETURNING id
), told AS (
    INSERT INTO event_routes.outcome_event (type, campaign_id, data)
    SELECT 'webhook.disabled', :campaign,
           jsonb_build_object('webhook_id', id, 'campaign_id', CAST(:campaign AS text), 'reason', CAST(:cause AS text))
    FROM disabled
    WHERE :told
)
SELECT EXISTS (SELECT FROM disabled)
