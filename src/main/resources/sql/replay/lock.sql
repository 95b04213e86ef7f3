-- Locks a replay for the transaction, if it still has this state and owner. A cancel waits until the batch ends.
SELECT id FROM event_routes.replay WHERE id = :id AND state = :state AND owner = :owner FOR UPDATE
