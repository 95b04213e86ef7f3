-- What each group did, minute by minute, across all instances: the plots of the pages.
CREATE TABLE history (
    minute         timestamptz NOT NULL,
    consumer_group text        NOT NULL,
    delivered      integer     NOT NULL,
    skipped        integer     NOT NULL,
    manual         integer     NOT NULL,
    failed         integer     NOT NULL,
    retry          integer     NOT NULL,
    lag            bigint,                -- the most that was seen; null if the brokers did not answer
    ages           integer[]   NOT NULL,  -- how many events were how old when they were done (routes.history.Ages)
    PRIMARY KEY (minute, consumer_group)
);
