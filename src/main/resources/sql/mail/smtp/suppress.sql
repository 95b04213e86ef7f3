-- Suppresses an address from now on, and never for less time than before. With a delivery, others are told with whose mail it happened.
WITH suppressed AS (
    INSERT INTO event_routes.mail_suppression AS s (address, campaign_id, cause, reason, until)
    VALUES (:address, :campaign, :cause, :reason, coalesce(now() + make_interval(secs => CAST(:seconds AS double precision)), 'infinity'))
    ON CONFLICT (address, campaign_id, cause) DO UPDATE
    SET reason = excluded.reason, since = now(), until = greatest(s.until, excluded.until)
)
INSERT INTO event_routes.outcome_event (type, account_id, campaign_id, data)
SELECT 'mail.suppressed', s.account_id, s.campaign_id,
       s.data || jsonb_strip_nulls(jsonb_build_object('cause', CAST(:cause AS text), 'code', CAST(:code AS text)))
FROM event_routes.outcome_subject s
WHERE s.id = CAST(:delivery AS uuid)
