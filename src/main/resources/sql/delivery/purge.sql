-- Forgets some of what was finished long ago, and its attempts with it.
DELETE FROM event_routes.delivery
WHERE id IN (
    SELECT id
    FROM event_routes.delivery
    WHERE created_at < now() - make_interval(secs => :age)
      AND updated_at < now() - make_interval(secs => :age)
      AND status NOT IN ('due', 'leased')
    LIMIT :limit
    FOR UPDATE SKIP LOCKED
)
