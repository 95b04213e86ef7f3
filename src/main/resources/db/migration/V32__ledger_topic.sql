-- The topic whose groups, keys and leases these are: the one of the first instance that asks. There is one row at most.
CREATE TABLE ledger_topic (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    topic    text NOT NULL
);
