-- In which campaigns the ledger knows people, under which addresses, and where they have been erased before.
SELECT d.campaign_id, u.id AS user_id, d.event #>> '{data,email}' AS email
FROM unnest(CAST(:users AS text[])) AS u (id)
JOIN event_routes.delivery d ON event_routes.person(d.recipient, d.event) = u.id
GROUP BY 1, 2, 3
UNION ALL
SELECT e.campaign_id, u.id, NULL
FROM unnest(CAST(:users AS text[])) AS u (id)
JOIN event_routes.erased_person e ON e.person = event_routes.digest(u.id)
