-- Deletes the rows that the brokers have acknowledged.
DELETE FROM event_routes.event_outbox
WHERE id = ANY (CAST(:ids AS bigint[]))
