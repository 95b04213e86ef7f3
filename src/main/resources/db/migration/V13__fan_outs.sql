-- Milestones that were expanded to a delivery a person, and what operators have said about them.
CREATE TABLE fan_out (
    delivery_id uuid PRIMARY KEY REFERENCES delivery (id) ON DELETE CASCADE, -- the one for the campaign; those of the people
                                                                             -- have its key, and a recipient
    recipients  bigint      NOT NULL,
    state       text        NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'paused', 'cancelled')),
    because     text,                                 -- who has paused or cancelled it, and why
    created_at  timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX fan_out_created ON fan_out (created_at);
