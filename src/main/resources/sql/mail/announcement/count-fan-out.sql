-- Counts the deliveries of a fan-out by status, unless that was done a while ago. Those that are held are due at no time. All of
-- them are read, so what was found is good for twenty times as long as that took, and when nothing is left to do, for a thousand:
-- however many people there are and however often somebody looks, a twentieth of a connection is what it costs.
UPDATE event_routes.fan_out f
SET (counts, counted_at, counted_until) = (
    SELECT coalesce(jsonb_object_agg(counted.status, counted.deliveries), '{}'),
           clock_timestamp(),
           clock_timestamp() + (clock_timestamp() - statement_timestamp())
               * CASE WHEN bool_or(counted.status IN ('due', 'held', 'leased')) THEN 20 ELSE 1000 END
    FROM (SELECT CASE WHEN d.status = 'due' AND d.due_at IS NULL THEN 'held' ELSE d.status END AS status, count(*) AS deliveries
          FROM event_routes.delivery m
          JOIN event_routes.delivery d
              ON d.consumer_group = m.consumer_group AND d.idempotency_key = m.idempotency_key AND d.recipient <> ''
          WHERE m.id = f.delivery_id
          GROUP BY 1) counted)
WHERE f.delivery_id = :id AND (f.counted_until IS NULL OR f.counted_until <= now())
