-- People of recent batches of position-workers, who are looked at once more: their event may have come before its transaction's
-- commit. A row a batch and look.
CREATE TABLE recent_people (
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    people uuid[]      NOT NULL,
    due_at timestamptz NOT NULL
);

CREATE INDEX recent_people_due ON recent_people (due_at);
