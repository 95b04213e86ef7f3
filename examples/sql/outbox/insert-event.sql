-- Publishes an event when the transaction commits, and not at all when it is rolled back. For the application, which runs it in
-- the transaction that does what the event tells of, as its last statement: then the events of transactions that wait for each
-- other's rows have the order in which they waited. Its role needs these rights, and none on a sequence:
--
--   GRANT USAGE ON SCHEMA event_routes TO app;
--   GRANT INSERT ON event_routes.event_outbox TO app;
--
-- PREPARE and EXECUTE show it with values; in a program the parameters are the driver's.
PREPARE referral_verified (uuid, uuid, uuid, uuid, uuid, integer) AS
INSERT INTO event_routes.event_outbox (event)
VALUES (jsonb_build_object(
    'id', gen_random_uuid(),
    'type', 'referral.verified',
    'account_id', $1,
    'campaign_id', $2,
    'data', jsonb_build_object(
        'referral_id', $3,
        'referrer_id', $4,
        'referred_id', $5,
        'campaign_id', $2,
        'points_per_referral', $6),
    'timestamp', clock_timestamp()));

BEGIN;

UPDATE waitlist_users
SET verified_referral_count = verified_referral_count + 1
WHERE id = '10000000-0000-4000-8000-000000000001';

EXECUTE referral_verified (
    'a0000000-0000-4000-8000-000000000001',
    'c0ffee00-0000-4000-8000-000000000001',
    gen_random_uuid(),
    '10000000-0000-4000-8000-000000000001',
    '10000000-0000-4000-8000-000000000002',
    1);

COMMIT;
