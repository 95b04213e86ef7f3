-- What operators have done with dead letters, which lie in the dead-letter topics and in dead_letter and are never changed.

CREATE TABLE dead_letter_action (
    consumer_group text        NOT NULL,
    letter         text        NOT NULL,   -- partition-offset in the dead-letter topic, or db-id of dead_letter
    letter_at      timestamptz NOT NULL,   -- when it was kept: a topic that was made anew counts its offsets from 0 again
    action         text        NOT NULL CHECK (action IN ('redriven', 'discarded')),
    who            text        NOT NULL,
    at             timestamptz NOT NULL DEFAULT now(),
    reason         text,
    PRIMARY KEY (consumer_group, letter, letter_at)
);
