-- Events that the application wants published when its own transaction commits. It inserts them there; the route `outbox`
-- publishes them in the order of id, and deletes each once the brokers have it.
CREATE TABLE event_outbox (
    -- No cache: an id that is taken after another transaction's commit is greater than all of that one.
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event           jsonb       NOT NULL,             -- the envelope, as it is posted to /events
    created_at      timestamptz NOT NULL DEFAULT now(),
    refused_because text,                             -- why it is no event; it is passed over until this is null again
    CONSTRAINT event_outbox_event_is_small CHECK (octet_length(CAST(event AS text)) <= 65536)
) WITH (
    -- Rows live for a moment: what is dead has to go before the next reader walks over it.
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 5000
);

CREATE INDEX event_outbox_waiting ON event_outbox (id) WHERE refused_because IS NULL;
CREATE INDEX event_outbox_refused ON event_outbox (id) WHERE refused_because IS NOT NULL;
