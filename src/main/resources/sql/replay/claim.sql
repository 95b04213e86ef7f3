-- Claims replays of this instance's groups that nobody owns, or a dead instance.
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
