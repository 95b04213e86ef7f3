-- What this service knows of the webhooks that the application has registered. A row stands here for one that has failed; the
-- application's own status of it is the application's.

CREATE TABLE webhook_endpoint (
    id               uuid PRIMARY KEY,                    -- webhooks.id
    failing_since    timestamptz,                         -- the first failure after its last success
    failures         integer     NOT NULL DEFAULT 0,      -- since then
    last_error       text,
    warned           integer     NOT NULL DEFAULT 0,      -- per cent of the time after which it is disabled that were warned of
    disabled_at      timestamptz,
    disabled_because text,
    updated_at       timestamptz NOT NULL DEFAULT now()
);

-- The deliveries of a webhook, for whoever looks at it.
CREATE INDEX delivery_of_lane ON delivery (lane, created_at) WHERE lane IS NOT NULL;
