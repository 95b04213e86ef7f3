-- Outcomes of which others are told (deliveries.outcome-events). Each row is written in the transaction of its outcome; the route
-- `outcomes` publishes the rows in the order of id, and deletes each once the brokers have it.
CREATE TABLE outcome_event (
    -- No cache, and taken while the delivery's row is locked: the outcomes of a delivery are in their order.
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id    uuid        NOT NULL DEFAULT gen_random_uuid(), -- the same whenever the event is published again
    type        text        NOT NULL,
    account_id  text,                                           -- where there is none, the campaign stands for it
    campaign_id text        NOT NULL,
    data        jsonb       NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (
    -- As those of event_outbox, rows live for a moment.
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 5000
);

-- What an event says of the delivery that it is about: ids, and nothing that is somebody's own.
CREATE VIEW outcome_subject AS
SELECT d.id, d.event ->> 'account_id' AS account_id, d.campaign_id,
       jsonb_strip_nulls(jsonb_build_object(
           'delivery_id', d.id, 'group', d.consumer_group, 'event_id', d.event_id, 'event_type', d.event_type,
           'campaign_id', d.campaign_id, 'user_id', event_routes.person(d.recipient, d.event),
           'user_reward_id', d.event #>> '{data,user_reward_id}', 'attempts', d.attempts)) AS data
FROM delivery d;

COMMENT ON VIEW outcome_subject IS 'what the events about outcomes say of each delivery';
