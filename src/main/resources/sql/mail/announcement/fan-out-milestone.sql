-- contract 1
-- Records a delivery for each active person of one page of the campaign, and the progress. The people are read along their
-- unique index (campaign_id, email). Idempotent. A state that an operator has set meanwhile is kept.
WITH page AS MATERIALIZED (
    SELECT u.id, u.email, u.deleted_at IS NULL AND u.status <> 'blocked' AS active
    FROM waitlist_users u
    WHERE u.campaign_id = :campaign_id
      AND u.email > coalesce((SELECT f.reached FROM event_routes.fan_out f WHERE f.delivery_id = :delivery), '')
    ORDER BY u.email
    LIMIT :limit
), recorded AS (
    INSERT INTO event_routes.delivery
        (consumer_group, idempotency_key, recipient, event_id, event_type, campaign_id, event, status, due_at, replay_id)
    SELECT d.consumer_group, d.idempotency_key, p.id, d.event_id, d.event_type, d.campaign_id, d.event, 'due', now(), d.replay_id
    FROM event_routes.delivery d
    CROSS JOIN page p
    WHERE d.id = :delivery AND p.active
      AND NOT EXISTS (                    -- who was erased after the milestone, and is still among the people
          SELECT FROM event_routes.erased_person e
          WHERE e.person = event_routes.digest(CAST(p.id AS text)) AND e.campaign_id = d.campaign_id
            AND rtrim(d.event ->> 'timestamp', 'Z') COLLATE "C" <= e.until
          OFFSET 0)
    ON CONFLICT (consumer_group, idempotency_key, recipient) DO NOTHING
    RETURNING 1
), found AS (
    SELECT (SELECT count(*) FROM recorded) AS recipients,
           (SELECT count(*) FROM page) < :limit AS last,
           (SELECT p.email FROM page p ORDER BY p.email DESC LIMIT 1) AS reached
)
INSERT INTO event_routes.fan_out AS f (delivery_id, recipients, reached, expanded_at)
SELECT :delivery, recipients, CASE WHEN NOT last THEN reached END, CASE WHEN last THEN now() END
FROM found
ON CONFLICT (delivery_id) DO UPDATE
SET recipients = f.recipients + excluded.recipients, reached = excluded.reached,
    -- When this row is locked: a count that began before has not seen the last page, and does not say that all is done.
    expanded_at = CASE WHEN excluded.expanded_at IS NOT NULL THEN clock_timestamp() END
RETURNING f.recipients, f.expanded_at IS NOT NULL AS complete
