-- Addresses to which nothing is sent for a while: a server said that there is no such mailbox.
CREATE TABLE suppression (
    address text PRIMARY KEY,                         -- SHA-256 of the address in lower case, in hexadecimal
    reason  text        NOT NULL,
    since   timestamptz NOT NULL DEFAULT now(),
    until   timestamptz NOT NULL
);

CREATE INDEX suppression_since ON suppression (since);

-- Position updates that wait for more referrals of the same person to tell of (mail.position-window). The first delivery of a
-- window is the one that is sent; those that join it are skipped.
CREATE TABLE position_window (
    delivery_id uuid PRIMARY KEY REFERENCES delivery (id) ON DELETE CASCADE,
    leader      uuid NOT NULL REFERENCES delivery (id) ON DELETE CASCADE, -- in whose mail it is; the first: its own
    campaign_id text NOT NULL,
    referrer_id text NOT NULL,
    closes_at   timestamptz                           -- of the first, as long as others can join it
);

CREATE INDEX position_window_leader ON position_window (leader);
CREATE INDEX position_window_open ON position_window (campaign_id, referrer_id) WHERE closes_at IS NOT NULL;
