-- How much is due of a group, counted to a limit. A fan-out does not count: it waits behind everything else.
SELECT count(*)
FROM (SELECT
      FROM event_routes.delivery
      WHERE consumer_group = :group AND status = 'due' AND recipient = '' AND due_at <= now()
      LIMIT :limit) due
