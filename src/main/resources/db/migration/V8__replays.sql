-- Replays: events of a range are read from the topic again, by a consumer of their own, and offered to one consumer group.

CREATE TABLE replay (
    id              uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    consumer_group  text        NOT NULL,
    policy          text        NOT NULL CHECK (policy IN ('missing', 'positions', 'force')),
    topic_partition integer,                              -- then the range is one of its offsets, else of time
    range_from      text        NOT NULL,
    range_to        text,                                 -- where there is none: the end, at the moment of planning
    types           text[]      NOT NULL,
    campaign_id     text,
    event_id        text,
    rate            integer     NOT NULL CHECK (rate > 0), -- events a second, at most
    state           text        NOT NULL DEFAULT 'planning'
                    CHECK (state IN ('planning', 'planned', 'running', 'done', 'cancelled', 'failed')),
    owner           uuid,                                 -- the instance that reads, while planning or running
    plan            jsonb       NOT NULL DEFAULT '{}',    -- what would happen: how many events, by type
    effects         bigint,                               -- how much that would do; known when planned
    result          jsonb       NOT NULL DEFAULT '{}',    -- what has happened: how many events, by type
    notes           text[]      NOT NULL DEFAULT '{}',
    held_because    text,                                 -- why it does not go on at this moment
    error           text,                                 -- why it failed, or what is being tried again
    planned_by      text        NOT NULL,
    started_by      text,
    cancelled_by    text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    planned_at      timestamptz,
    started_at      timestamptz,
    ended_at        timestamptz
);

CREATE INDEX replay_at_work ON replay (created_at) WHERE state IN ('planning', 'running');

-- What is read of each partition, and how far that has come. It moves in one transaction with what was made of the records.
CREATE TABLE replay_partition (
    replay_id       uuid    NOT NULL REFERENCES replay (id) ON DELETE CASCADE,
    topic_partition integer NOT NULL,
    first_offset    bigint  NOT NULL,
    end_offset      bigint  NOT NULL,                     -- the first that is not read
    next_offset     bigint  NOT NULL,
    PRIMARY KEY (replay_id, topic_partition)
);

-- What a plan has seen: keys, so that one that repeats in the range counts once; or campaigns, each with the place of the
-- event that it is recalculated by. Deleted as soon as it is of no more use.
CREATE TABLE replay_subject (
    replay_id       uuid    NOT NULL REFERENCES replay (id) ON DELETE CASCADE,
    subject         text    NOT NULL,
    topic_partition integer NOT NULL,
    record_offset   bigint  NOT NULL,
    as_of           timestamptz,                          -- the event's time, where it names points
    PRIMARY KEY (replay_id, subject)
);
