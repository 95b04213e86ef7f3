-- The tables of the application whose events are processed, as far as the service knows them. They belong to the application, and are
-- made here only so that development and tests have something to work on. Any number of runs leaves the same tables.

CREATE TABLE IF NOT EXISTS campaigns (
    id              uuid PRIMARY KEY,
    account_id      uuid NOT NULL,
    name            text NOT NULL,
    slug            text NOT NULL,
    status          text NOT NULL DEFAULT 'active',
    email_config    jsonb NOT NULL DEFAULT '{}',            -- who its mails are from: from_name, from_email; unsubscribe_url
    referral_config jsonb NOT NULL DEFAULT '{}',            -- what a verified referral is worth: points_per_referral
    created_at      timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS waitlist_users (
    id                      uuid PRIMARY KEY,
    campaign_id             uuid NOT NULL REFERENCES campaigns (id),
    email                   text NOT NULL,
    first_name              text,
    last_name               text,
    referral_code           text NOT NULL,
    original_position       integer NOT NULL,               -- in the order of signing up, from 1
    position                integer NOT NULL,               -- on the leaderboard: the service writes it
    referral_count          integer NOT NULL DEFAULT 0,
    verified_referral_count integer NOT NULL DEFAULT 0,     -- what positions are computed from
    status                  text NOT NULL DEFAULT 'active', -- active, verified, blocked, ...
    created_at              timestamptz NOT NULL DEFAULT now(),
    updated_at              timestamptz NOT NULL DEFAULT now(),
    deleted_at              timestamptz,
    UNIQUE (campaign_id, email)
);

CREATE TABLE IF NOT EXISTS referrals (
    id          uuid PRIMARY KEY,
    campaign_id uuid NOT NULL REFERENCES campaigns (id),
    referrer_id uuid NOT NULL REFERENCES waitlist_users (id),
    referred_id uuid NOT NULL REFERENCES waitlist_users (id),
    status      text NOT NULL DEFAULT 'pending',            -- pending, verified
    created_at  timestamptz NOT NULL DEFAULT now(),
    verified_at timestamptz
);

CREATE TABLE IF NOT EXISTS rewards (
    id              uuid PRIMARY KEY,
    campaign_id     uuid NOT NULL REFERENCES campaigns (id),
    name            text NOT NULL,
    description     text,
    type            text NOT NULL,                          -- discount, gift, early_access, ...
    delivery_method text NOT NULL,                          -- email, webhook, manual
    delivery_config jsonb NOT NULL DEFAULT '{}'             -- of a webhook: webhook_url
);

CREATE TABLE IF NOT EXISTS user_rewards (
    id                uuid PRIMARY KEY,
    user_id           uuid NOT NULL REFERENCES waitlist_users (id),
    campaign_id       uuid NOT NULL REFERENCES campaigns (id),
    reward_id         uuid NOT NULL REFERENCES rewards (id),
    reward_data       jsonb NOT NULL DEFAULT '{}',          -- what the person gets, such as a code
    status            text NOT NULL DEFAULT 'pending',      -- the service writes pending, delivered, failed, and the three columns below; any other word takes the reward back
    delivery_attempts integer NOT NULL DEFAULT 0,
    last_error        text,
    delivered_at      timestamptz,
    created_at        timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS webhooks (
    id          uuid PRIMARY KEY,
    campaign_id uuid NOT NULL REFERENCES campaigns (id),
    url         text NOT NULL,                              -- the webhook_url of a reward names one
    secrets     text[] NOT NULL,                            -- Standard Webhooks, newest first: each signs while keys rotate
    status      text NOT NULL DEFAULT 'active',             -- active, disabled
    UNIQUE (campaign_id, url)
);
