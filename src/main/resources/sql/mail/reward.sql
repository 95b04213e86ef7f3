-- What a mail says of a reward of a campaign.
SELECT name AS reward_name, description AS reward_description
FROM rewards
WHERE campaign_id = :campaign_id AND id = :reward_id
