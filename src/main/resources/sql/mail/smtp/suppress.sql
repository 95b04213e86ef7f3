-- Suppresses an address from now on. With a delivery, others are told in whose mail it was refused.
WITH suppressed AS (
    INSERT INTO event_routes.suppression (address, reason, until)
    VALUES (:address, :reason, now() + make_interval(secs => :seconds))
    ON CONFLICT (address) DO UPDATE SET reason = excluded.reason, since = now(), until = excluded.until
)
INSERT INTO event_routes.outcome_event (type, account_id, campaign_id, data)
SELECT 'mail.suppressed', s.account_id, s.campaign_id, s.data || jsonb_build_object('code', CAST(:code AS text))
FROM event_routes.outcome_subject s
WHERE s.id = CAST(:delivery AS uuid)
