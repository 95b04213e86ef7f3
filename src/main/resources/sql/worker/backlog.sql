-- How many deliveries of a group are due, counted up to a limit. A fan-out does not count, since it waits behind everything else;
-- nor do deliveries that wait for a dependency or in a receiver's lane, which need not hold the rest. IS FALSE matches the index.
SELECT count(*)
FROM (SELECT
      FROM event_routes.delivery
      WHERE consumer_group = :group AND status = 'due' AND (recipient <> '') IS FALSE AND due_at <= now() AND waits_for IS NULL
        AND lane IS NULL
      LIMIT :limit) due
