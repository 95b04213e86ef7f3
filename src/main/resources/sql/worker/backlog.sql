-- How many deliveries of a group are due, counted up to a limit. A fan-out does not count, since it waits behind everything else;
-- nor do deliveries that wait for a dependency or in a receiver's lane, which need not hold the rest. In the order of the index: the
-- planner, which does not know how few of these there are, would read the ledger. < true, since it makes another comparison of = false.
SELECT count(*)
FROM (SELECT
      FROM event_routes.delivery
      WHERE consumer_group = :group AND status = 'due' AND (recipient <> '') < true AND due_at <= now() AND waits_for IS NULL
        AND lane IS NULL
      ORDER BY recipient <> '', due_at
      LIMIT :limit) due
