-- An attempt has its row once it has ended, which saves writing it twice: until then it is the delivery's number of attempts, under way
-- since the delivery was last written. What a crash cut off gets its row, without an outcome, from whoever takes the delivery away.

CREATE VIEW attempt AS
SELECT delivery_id, attempt, started_at, ended_at, outcome, code, reason
FROM delivery_attempt
UNION ALL
SELECT d.id, d.attempts, d.updated_at, NULL, NULL, NULL, NULL
FROM delivery d
WHERE d.status = 'leased' AND d.attempts > 0
  AND NOT EXISTS (SELECT FROM delivery_attempt a WHERE a.delivery_id = d.id AND a.attempt = d.attempts);

COMMENT ON VIEW attempt IS 'every attempt, also the one that is under way';
