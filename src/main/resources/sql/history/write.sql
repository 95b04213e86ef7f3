-- Adds what this instance counted to what others have, and deletes what is too old. Sorted, so that two instances lock in the same order.
WITH old AS (
    DELETE FROM event_routes.history WHERE minute < now() - make_interval(secs => :kept)
)
INSERT INTO event_routes.history AS h (minute, consumer_group, delivered, skipped, manual, failed, retry, lag, ages)
SELECT minute, consumer_group, delivered, skipped, manual, failed, retry, lag, ages
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (
    minute timestamptz, consumer_group text, delivered integer, skipped integer, manual integer, failed integer, retry integer, lag bigint, ages integer[])
ORDER BY minute, consumer_group
ON CONFLICT (minute, consumer_group) DO UPDATE
SET delivered = h.delivered + excluded.delivered,
    skipped   = h.skipped + excluded.skipped,
    manual    = h.manual + excluded.manual,
    failed    = h.failed + excluded.failed,
    retry     = h.retry + excluded.retry,
    lag       = greatest(h.lag, excluded.lag),
    ages      = ARRAY(SELECT coalesce(a, 0) + coalesce(b, 0)
                      FROM unnest(h.ages, excluded.ages) WITH ORDINALITY AS both_of (a, b, n)
                      ORDER BY n)
