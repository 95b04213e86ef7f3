-- Deletes the events that the brokers have acknowledged.
DELETE FROM event_routes.outcome_event
WHERE id = ANY (CAST(:ids AS bigint[]))
