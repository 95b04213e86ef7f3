-- What operators have said of when an earned reward may go out. Most rewards have no row: their reward or campaign says.
CREATE TABLE reward_hold (
    user_reward_id uuid PRIMARY KEY,                  -- user_rewards.id
    released       boolean,                           -- false: it waits until this changes; true: it waits no longer; null: as before
    because        text        NOT NULL,              -- who has said so, and why
    created_at     timestamptz NOT NULL DEFAULT now()
);
