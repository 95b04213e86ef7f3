-- One campaign with all that an event may concern, made once: what has become of it since then stays. Only the webhook's address
-- follows the port of the receiver, which the setting demo.webhook_url of the session names.

INSERT INTO campaigns (id, account_id, name, slug, email_config, referral_config) VALUES
    ('c0ffee00-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000001', 'Early Birds', 'early-birds',
     '{"from_name":"Early Birds","from_email":"hello@early-birds.example",
       "unsubscribe_url":"https://demo.example/unsubscribe/{user_id}"}', '{"points_per_referral": 1}')
ON CONFLICT DO NOTHING;

-- Ada has two verified referrals and still stands where she signed up: the first referral.verified moves her.
INSERT INTO waitlist_users (id, campaign_id, email, first_name, last_name, referral_code, original_position, position,
                            referral_count, verified_referral_count, status, created_at, deleted_at)
SELECT person.id::uuid, 'c0ffee00-0000-4000-8000-000000000001', person.email, person.first_name, person.last_name,
       person.referral_code, person.place, person.place, person.verified, person.verified, person.status,
       timestamptz '2026-01-05 09:00:00Z' + person.place * interval '1 hour', person.deleted_at::timestamptz
FROM (VALUES
    ('10000000-0000-4000-8000-000000000001', 'ada@example.com',       'Ada',       'Lovelace', 'ADA4L',  4, 2, 'verified', NULL),
    ('10000000-0000-4000-8000-000000000002', 'grace@example.com',     'Grace',     'Hopper',   'GRACE8', 8, 0, 'verified', NULL),
    ('10000000-0000-4000-8000-000000000003', 'katherine@example.com', 'Katherine', 'Johnson',  'KATH1',  1, 0, 'verified', NULL),
    ('10000000-0000-4000-8000-000000000004', 'alan@example.com',      'Alan',      'Turing',   'ALAN2',  2, 0, 'verified', NULL),
    ('10000000-0000-4000-8000-000000000005', 'hedy@example.com',      'Hedy',      'Lamarr',   'HEDY3',  3, 0, 'active',   NULL),
    ('10000000-0000-4000-8000-000000000006', 'mallory@example.com',   'Mallory',   'Example',  'MALL5',  5, 0, 'blocked',  NULL),
    ('10000000-0000-4000-8000-000000000007', 'trent@example.com',     'Trent',     'Example',  'TREN6',  6, 0, 'active',   '2026-01-20 12:00:00Z'),
    ('10000000-0000-4000-8000-000000000008', 'someone@example.com',   NULL,        NULL,       'SOME7',  7, 0, 'active',   NULL)
) AS person (id, email, first_name, last_name, referral_code, place, verified, status, deleted_at)
ON CONFLICT DO NOTHING;

INSERT INTO referrals (id, campaign_id, referrer_id, referred_id, status, verified_at) VALUES
    ('40000000-0000-4000-8000-000000000001', 'c0ffee00-0000-4000-8000-000000000001',
     '10000000-0000-4000-8000-000000000001', '10000000-0000-4000-8000-000000000002', 'verified', '2026-01-06 08:00:00Z')
ON CONFLICT DO NOTHING;

-- A reward for each way of delivery, and each of them earned by Ada.
INSERT INTO rewards (id, campaign_id, name, description, type, delivery_method, delivery_config) VALUES
    ('20000000-0000-4000-8000-000000000001', 'c0ffee00-0000-4000-8000-000000000001',
     '10 % off', 'Off the first order', 'discount', 'email', '{}'),
    ('20000000-0000-4000-8000-000000000002', 'c0ffee00-0000-4000-8000-000000000001',
     'Founder T-shirt', 'Only for the first', 'gift', 'webhook',
     jsonb_build_object('webhook_url', current_setting('demo.webhook_url'))),
    ('20000000-0000-4000-8000-000000000003', 'c0ffee00-0000-4000-8000-000000000001',
     'Lunch with the team', 'Somebody will call', 'experience', 'manual', '{}')
ON CONFLICT (id) DO UPDATE SET delivery_config = excluded.delivery_config;

INSERT INTO user_rewards (id, user_id, campaign_id, reward_id, reward_data) VALUES
    ('30000000-0000-4000-8000-000000000001', '10000000-0000-4000-8000-000000000001',
     'c0ffee00-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', '{"code":"WELCOME10"}'),
    ('30000000-0000-4000-8000-000000000002', '10000000-0000-4000-8000-000000000001',
     'c0ffee00-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000002', '{"size":"M"}'),
    ('30000000-0000-4000-8000-000000000003', '10000000-0000-4000-8000-000000000001',
     'c0ffee00-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000003', '{}')
ON CONFLICT DO NOTHING;

-- The secret is the text "domain-event-routes-demo-secret!" in Base64.
INSERT INTO webhooks (id, campaign_id, url, secrets) VALUES
    ('50000000-0000-4000-8000-000000000001', 'c0ffee00-0000-4000-8000-000000000001',
     current_setting('demo.webhook_url'), ARRAY ['whsec_ZG9tYWluLWV2ZW50LXJvdXRlcy1kZW1vLXNlY3JldCE='])
ON CONFLICT (id) DO UPDATE SET url = excluded.url;
