-- What was done with dead letters of a group: with some, or with all.
SELECT letter, letter_at, action, who AS by, at, reason
FROM event_routes.dead_letter_action
WHERE consumer_group = :group
  AND (CAST(:letters AS text) IS NULL OR letter = ANY (string_to_array(:letters, ',')))
