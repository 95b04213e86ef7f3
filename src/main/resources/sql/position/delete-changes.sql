-- Deletes rows that are done or cannot be, and says which were still there.
DELETE FROM event_routes.person_change
WHERE id = ANY (CAST(:ids AS bigint[]))
RETURNING id
