-- What operating the ledger needs: trying again from the start of the schedule, waiting for a dependency, forcing, an audit.

ALTER TABLE delivery
    ADD COLUMN schedule_start integer NOT NULL DEFAULT 0, -- the attempts before the schedule of retries began (anew)
    ADD COLUMN waits_for      text,                       -- while due: the dependency that has to come back first
    ADD COLUMN replay_id      uuid;                       -- the replay that asked for it again, though it was done

CREATE INDEX delivery_campaign ON delivery (campaign_id, created_at);
CREATE INDEX delivery_created ON delivery (created_at);

-- Who changed what by an operation, and with what result.
CREATE TABLE audit (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at        timestamptz NOT NULL DEFAULT now(),
    who       text  NOT NULL,
    operation text  NOT NULL,
    arguments jsonb NOT NULL,
    result    text  NOT NULL
);
