-- Holds a replay for the transaction, if it is still at this work and with this instance. A cancel waits until the batch ends.
SELECT id FROM event_routes.replay WHERE id = :id AND state = :state AND owner = :owner FOR UPDATE
