-- contract 1
-- Campaigns with a calculated board, newest first, or one of them.
SELECT l.campaign_id AS id, c.name, l.mode, l.people, l.recalculated_at
FROM event_routes.leaderboard l
LEFT JOIN campaigns c ON c.id = l.campaign_id
WHERE CAST(:id AS uuid) IS NULL OR l.campaign_id = :id
ORDER BY l.recalculated_at DESC, l.campaign_id
LIMIT :limit
