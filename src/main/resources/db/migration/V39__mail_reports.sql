-- What others report about mails after the server has accepted them: bounces, complaints, unsubscriptions.
CREATE TABLE mail_report (
    source      text        NOT NULL,                 -- who reports, such as mailbox or ses
    id          text        NOT NULL,                 -- SHA-256 of the report's id there, in hexadecimal: it may contain an address
    delivery_id uuid        NOT NULL REFERENCES delivery (id) ON DELETE CASCADE,
    attempt     integer     NOT NULL,                 -- the delivery's latest then
    fan_out_id  uuid,                                 -- the announcement that the mail was of
    kind        text        NOT NULL CHECK (kind IN ('hard_bounce', 'soft_bounce', 'complaint', 'unsubscribe')),
    address     text,                                 -- as in mail_suppression; null: unknown, or no longer counted
    code        text,
    reason      text,
    reported_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (source, id)
);

CREATE INDEX mail_report_delivery ON mail_report (delivery_id);
CREATE INDEX mail_report_latest ON mail_report (reported_at);
CREATE INDEX mail_report_soft ON mail_report (address, reported_at) WHERE kind = 'soft_bounce';
CREATE INDEX mail_report_complaint ON mail_report (fan_out_id) WHERE kind = 'complaint';

CREATE VIEW mail_outcome AS
SELECT delivery_id, attempt, reported_at, code, reason,
       CASE kind WHEN 'complaint' THEN 'complained' WHEN 'unsubscribe' THEN 'unsubscribed' ELSE 'bounced' END AS outcome
FROM mail_report;

COMMENT ON VIEW mail_outcome IS 'what became of mails after they were delivered, as others report it';

CREATE OR REPLACE VIEW attempt AS
SELECT delivery_id, attempt, started_at, ended_at, outcome, code, reason
FROM delivery_attempt
UNION ALL
SELECT d.id, d.attempts, d.updated_at, NULL, NULL, NULL, NULL
FROM delivery d
WHERE d.status = 'leased' AND d.attempts > 0
  AND NOT EXISTS (SELECT FROM delivery_attempt a WHERE a.delivery_id = d.id AND a.attempt = d.attempts)
UNION ALL
SELECT delivery_id, attempt, reported_at, reported_at, outcome, code, reason
FROM mail_outcome;

COMMENT ON VIEW attempt IS 'every attempt, also the one that is under way, and what others report about its mail afterwards';

-- Addresses to which nothing is sent. Instances of the previous version know the table suppression alone; its rows move here.
CREATE TABLE mail_suppression (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    address     text COLLATE "C" NOT NULL,            -- HMAC-SHA-256, by one of mail.secrets, of the SHA-256 that suppression has, in hexadecimal
    campaign_id text COLLATE "C" NOT NULL DEFAULT '', -- '': the mails of all campaigns
    cause       text COLLATE "C" NOT NULL CHECK (cause IN ('bounce', 'complaint', 'unsubscribe', 'manual')),
    reason      text        NOT NULL,
    since       timestamptz NOT NULL DEFAULT now(),
    until       timestamptz NOT NULL DEFAULT 'infinity',
    UNIQUE (address, campaign_id, cause)
);

CREATE INDEX mail_suppression_until ON mail_suppression (until) WHERE until < 'infinity';

ALTER TABLE fan_out ADD COLUMN resumed_at timestamptz;

COMMENT ON COLUMN fan_out.resumed_at IS 'complaints from before do not pause it again';
