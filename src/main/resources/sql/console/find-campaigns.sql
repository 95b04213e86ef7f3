-- contract 1
-- Campaigns, those with a calculated board first and the newest of them first; or one with a board.
SELECT coalesce(l.campaign_id, c.id) AS id, c.name, l.mode, coalesce(l.people, 0) AS people, l.recalculated_at
FROM event_routes.leaderboard l
FULL JOIN campaigns c ON c.id = l.campaign_id
WHERE CAST(:id AS uuid) IS NULL OR l.campaign_id = :id
ORDER BY l.recalculated_at DESC NULLS LAST, c.name, id
LIMIT :limit
