-- Takes on what nobody reads, or an instance that is gone: of the groups that run here.
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
