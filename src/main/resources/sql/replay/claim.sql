-- The replays that this instance has to read for, oldest first: its own, and those of its groups that nobody owns, or a dead
-- instance, which it claims. One statement, since it runs twice a second. Each part sees the table as it was before it.
WITH claimed AS (
    UPDATE event_routes.replay
    SET owner = :owner
    WHERE id IN (
        SELECT id
        FROM event_routes.replay r
        WHERE state IN ('planning', 'running') AND owner IS DISTINCT FROM :owner
          AND consumer_group = ANY (string_to_array(:groups, ','))
          AND NOT EXISTS (SELECT FROM event_routes.instance i WHERE i.id = r.owner)
        FOR UPDATE SKIP LOCKED
    )
    RETURNING id, created_at
)
SELECT id
FROM (SELECT id, created_at FROM claimed
      UNION ALL
      SELECT id, created_at FROM event_routes.replay WHERE state IN ('planning', 'running') AND owner = :owner) mine
ORDER BY created_at
