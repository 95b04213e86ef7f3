-- Completes the plan: a start reads the range from its beginning.
WITH again AS (
    UPDATE event_routes.replay_partition SET next_offset = first_offset WHERE replay_id = :id
)
UPDATE event_routes.replay
SET state = 'planned', effects = :effects, owner = NULL, error = NULL, planned_at = now()
WHERE id = :id
