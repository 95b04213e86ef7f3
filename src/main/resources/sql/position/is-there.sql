-- contract 1
-- Whether the application has a campaign.
SELECT EXISTS (SELECT FROM campaigns WHERE id = :campaign_id)
