-- The leaderboards as they were last recalculated: what has to be known to move only those people whose score has changed.

-- How a campaign was ranked. No row: it has not been yet.
CREATE TABLE leaderboard (
    campaign_id     uuid PRIMARY KEY,
    mode            text        NOT NULL,  -- formula or rank
    points          bigint      NOT NULL,  -- places that a verified referral was worth
    people          bigint      NOT NULL,  -- on the board when all of it was last recalculated
    recalculated_at timestamptz NOT NULL DEFAULT now() -- all of it
);

CREATE INDEX leaderboard_recalculated ON leaderboard (recalculated_at);

-- Everyone who is on a board. The position is not indexed on purpose: it changes most.
CREATE TABLE standing (
    user_id     uuid PRIMARY KEY,
    campaign_id uuid        NOT NULL,
    score       bigint      NOT NULL,
    created_at  timestamptz NOT NULL,      -- the sign-up: the earlier one wins a tie
    position    bigint      NOT NULL
) WITH (fillfactor = 80);

CREATE INDEX standing_order ON standing (campaign_id, score, created_at, user_id);
