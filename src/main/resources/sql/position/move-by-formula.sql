-- Gives people the positions that their standings have. Rows are locked in the order of id, as the application is asked to do.
WITH moved AS (
    SELECT u.id, s.position
    FROM event_routes.standing s
    JOIN waitlist_users u ON u.id = s.user_id
    WHERE s.user_id = ANY (CAST(:people AS uuid[])) AND u.position IS DISTINCT FROM s.position
    ORDER BY u.id
    FOR UPDATE OF u
)
UPDATE waitlist_users u
SET position = moved.position
FROM moved
WHERE u.id = moved.id
