-- Deletes a page of what the plan of a replay has seen. :after skips what an earlier page has deleted. A row that another instance or an
-- erasure is deleting is passed over.
WITH forgotten AS (
    DELETE FROM event_routes.replay_subject
    WHERE replay_id = :id
      AND subject = ANY (ARRAY(
          SELECT subject
          FROM event_routes.replay_subject
          WHERE replay_id = :id AND subject > :after
          ORDER BY subject
          LIMIT :limit
          FOR UPDATE SKIP LOCKED))
    RETURNING subject
)
SELECT count(*) AS rows, max(subject) AS up_to FROM forgotten
