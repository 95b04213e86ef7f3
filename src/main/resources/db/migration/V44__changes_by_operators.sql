-- What operators did with a delivery, so that its story is whole. It names no person whom a delivery is for; reasons are in the audit.
CREATE TABLE delivery_change (
    delivery_id uuid        NOT NULL,                 -- without a key, like delivery_attempt: purged in the statement that purges it
    at          timestamptz NOT NULL DEFAULT now(),
    attempt     integer     NOT NULL,                 -- the delivery's latest then
    status      text        NOT NULL,                 -- afterwards: the delivery's; of an announcement, its own
    what        text        NOT NULL,                 -- such as retried
    who         text        NOT NULL,
    PRIMARY KEY (delivery_id, at, what)
);

CREATE OR REPLACE VIEW mail_outcome AS
SELECT delivery_id, attempt, reported_at, code, reason,
       CASE kind WHEN 'complaint' THEN 'complained' WHEN 'unsubscribe' THEN 'unsubscribed' ELSE 'bounced' END AS outcome,
       source
FROM mail_report;

CREATE OR REPLACE VIEW attempt AS
SELECT delivery_id, attempt, started_at, ended_at, outcome, code, reason, CAST(NULL AS text) AS by
FROM delivery_attempt
UNION ALL
SELECT d.id, d.attempts, d.updated_at, NULL, NULL, NULL, NULL, NULL
FROM delivery d
WHERE d.status = 'leased' AND d.attempts > 0
  AND NOT EXISTS (SELECT FROM delivery_attempt a WHERE a.delivery_id = d.id AND a.attempt = d.attempts)
UNION ALL
SELECT delivery_id, attempt, reported_at, reported_at, outcome, code, reason, source
FROM mail_outcome
UNION ALL
SELECT delivery_id, attempt, at, at, status, NULL, what, who
FROM delivery_change;

COMMENT ON VIEW attempt IS 'every attempt, also the one that is under way, and (by) what others report about its mail, or operators change';
