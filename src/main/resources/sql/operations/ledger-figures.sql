-- How many deliveries of each group stand where, and for how many seconds the oldest of those waits that could be carried out now.
-- Not those that are delivered: they are most of the table. Each part is read from an index of its own.
SELECT consumer_group, status, count(*) AS deliveries,
       extract(epoch FROM now() - min(due_at) FILTER (WHERE due_at <= now() AND waits_for IS NULL)) AS oldest_due
FROM (SELECT consumer_group, status, due_at, waits_for FROM event_routes.delivery WHERE status = 'due' AND lane IS NULL
      UNION ALL
      SELECT consumer_group, status, due_at, waits_for FROM event_routes.delivery WHERE status = 'due' AND lane IS NOT NULL
      UNION ALL
      SELECT consumer_group, status, NULL, NULL FROM event_routes.delivery WHERE status = 'leased'
      UNION ALL
      SELECT consumer_group, status, NULL, NULL FROM event_routes.delivery
      WHERE status IN ('skipped', 'manual', 'failed')) open
GROUP BY consumer_group, status
