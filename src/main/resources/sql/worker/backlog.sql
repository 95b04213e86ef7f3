-- How much is due of a group, counted to a limit. A fan-out does not count, it waits behind everything else; nor what waits
-- for a dependency or in the lane of one receiver, which is no reason to hold the rest. IS FALSE is what the index on the expression knows.
SELECT count(*)
FROM (SELECT
      FROM event_routes.delivery
      WHERE consumer_group = :group AND status = 'due' AND (recipient <> '') IS FALSE AND due_at <= now() AND waits_for IS NULL
        AND lane IS NULL
      LIMIT :limit) due
