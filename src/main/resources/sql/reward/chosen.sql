-- contract 1
-- The campaign of each thing by which an operator chooses rewards. What has no row does not exist.
SELECT 'campaign' AS field, id AS campaign_id FROM campaigns WHERE id = CAST(:campaign AS uuid)
UNION ALL
SELECT 'referrer', campaign_id FROM waitlist_users WHERE id = CAST(:referrer AS uuid)
UNION ALL
SELECT 'person', campaign_id FROM waitlist_users WHERE id = CAST(:person AS uuid)
UNION ALL
SELECT 'reward', campaign_id FROM rewards WHERE id = CAST(:reward AS uuid)
UNION ALL
SELECT 'earned', campaign_id FROM user_rewards WHERE id = CAST(:earned AS uuid)
