-- contract 1
-- Gives people the positions of their standings, in the order of id, as the application is asked to do.
UPDATE waitlist_users u
SET position = moved.position
FROM (SELECT s.user_id, s.position
      FROM event_routes.standing s
      WHERE s.user_id = ANY (CAST(:people AS uuid[]))
      ORDER BY s.user_id
      OFFSET 0) moved
WHERE u.id = moved.user_id AND u.position IS DISTINCT FROM moved.position
