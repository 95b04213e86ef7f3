-- Who left a board or came back: the application inserts a row in the transaction that bans or deletes somebody or lets them return.
-- The route `person-changes` recalculates them, and deletes the row in the transaction that does so.
CREATE TABLE person_change (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id uuid        NOT NULL,
    user_id     uuid        NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    taken_at    timestamptz                -- by an instance; a row that is still there half a minute later is due again
) WITH (
    -- Rows live for a moment: what is dead has to go before the next poll walks over it.
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 5000
);
