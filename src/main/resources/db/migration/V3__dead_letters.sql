-- Dead letters that the dead-letter topic of their group does not take: too large for it, or the topic is missing or refuses.
-- All others lie in Kafka.

CREATE TABLE dead_letter (
    id                    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    consumer_group        text        NOT NULL,
    topic                 text        NOT NULL,
    partition             integer     NOT NULL,
    record_offset         bigint      NOT NULL,
    record_timestamp      bigint      NOT NULL,       -- milliseconds since 1970, whatever the producer wrote: no timestamptz holds them all
    record_timestamp_type text        NOT NULL,       -- CreateTime, LogAppendTime or NoTimestampType, as Kafka names them
    key                   bytea,
    value                 bytea,
    header_names          bytea[]     NOT NULL,       -- in the record's order, also those that repeat; UTF-8, in which text forbids a NUL
    header_values         bytea[]     NOT NULL,       -- the value of each name; an element that is NULL is a value that is null
    reason                text        NOT NULL,
    created_at            timestamptz NOT NULL DEFAULT now(),
    -- The record that is read again after a crash is one row. With its timestamp, since a topic that was made anew counts
    -- its offsets from 0 again.
    UNIQUE (consumer_group, topic, partition, record_offset, record_timestamp)
);
