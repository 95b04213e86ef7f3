-- What the brokers have is done with.
DELETE FROM event_routes.event_outbox
WHERE id = ANY (CAST(:ids AS bigint[]))
