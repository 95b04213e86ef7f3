-- The tables of examples/routes/analytics.camel.yaml, in the schema of the application.

-- What somebody looks at: SELECT * FROM analytics_daily ORDER BY day, campaign_id, type;
CREATE TABLE IF NOT EXISTS analytics_daily (
    day         date   NOT NULL, -- in UTC
    campaign_id text   NOT NULL,
    type        text   NOT NULL,
    events      bigint NOT NULL,
    PRIMARY KEY (day, campaign_id, type)
);

-- What has been counted, so that a crash between counting and saying so counts nothing twice.
-- Rows older than LEDGER_PURGE_AFTER may be deleted.
CREATE TABLE IF NOT EXISTS analytics_counted (
    delivery   uuid PRIMARY KEY,
    counted_at timestamptz NOT NULL DEFAULT now()
);
