-- The ledger of deliveries. The tables of the application belong to the application and are not made here.

CREATE TABLE delivery (
    id              uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    consumer_group  text        NOT NULL,
    idempotency_key text        NOT NULL,             -- what must happen once, in the domain's words
    recipient       text        NOT NULL DEFAULT '',  -- the person, where one event has several deliveries
    event_id        text        NOT NULL,
    event_type      text        NOT NULL,
    campaign_id     text        NOT NULL,
    event           jsonb       NOT NULL,
    status          text        NOT NULL CHECK (status IN ('due', 'leased', 'delivered', 'skipped', 'manual', 'failed')),
    reason          text,
    attempts        integer     NOT NULL DEFAULT 0,
    due_at          timestamptz,                      -- while due
    lease           integer     NOT NULL DEFAULT 0,   -- counts up; an outcome counts under the latest alone
    lease_owner     uuid,                             -- while leased: the instance that holds it
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    UNIQUE (consumer_group, idempotency_key, recipient)
) WITH (fillfactor = 80);                             -- each row is updated twice or more, soon after it was made

CREATE INDEX delivery_due ON delivery (consumer_group, (recipient <> ''), due_at) WHERE status = 'due';
CREATE INDEX delivery_leased ON delivery (lease_owner) WHERE status = 'leased';
CREATE INDEX delivery_event ON delivery (event_id);

-- Every attempt, also the one that a crash cut off: it has no outcome.
CREATE TABLE delivery_attempt (
    delivery_id uuid        NOT NULL REFERENCES delivery (id) ON DELETE CASCADE,
    attempt     integer     NOT NULL,
    started_at  timestamptz NOT NULL DEFAULT now(),
    ended_at    timestamptz,
    outcome     text,                                 -- the delivery's status after it; 'due': to be tried again
    code        text,                                 -- what the remote side answered: SMTP, HTTP
    reason      text,
    PRIMARY KEY (delivery_id, attempt)
);

-- The instances of this service that live: a lease is as good as its owner's last heartbeat.
CREATE TABLE instance (
    id         uuid PRIMARY KEY,
    started_at timestamptz NOT NULL DEFAULT now(),
    seen_at    timestamptz NOT NULL DEFAULT now()
);

-- Points that a campaign's events named, for campaigns that do not say themselves what a referral is worth.
CREATE TABLE campaign_points (
    campaign_id uuid PRIMARY KEY,
    points      integer     NOT NULL,
    as_of       timestamptz NOT NULL                  -- when the event that named them happened
);

-- What a referral is worth: what the campaign's referral_config says, else the latest that an event named (the one at hand
-- may be later than those remembered), else 1. A bigint, so that no score overflows.
CREATE FUNCTION points_per_referral(
    campaign uuid, referral_config jsonb, named integer DEFAULT NULL, named_as_of timestamptz DEFAULT NULL
) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        CAST(referral_config ->> 'points_per_referral' AS bigint),
        (SELECT latest.points
         FROM (SELECT p.points, p.as_of FROM event_routes.campaign_points p WHERE p.campaign_id = campaign
               UNION ALL
               SELECT named, named_as_of WHERE named IS NOT NULL) latest
         ORDER BY latest.as_of DESC
         LIMIT 1),
        1)
$$;
