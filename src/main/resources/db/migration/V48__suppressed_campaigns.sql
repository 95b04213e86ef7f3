-- Campaigns whose ids an operator wrote in upper case: no event has such an id, since UUIDs are read in lower case. Where there is one for
-- the campaign already, the one that lasts longer counts.
WITH miswritten AS (
    DELETE FROM mail_suppression
    WHERE campaign_id ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' AND campaign_id <> lower(campaign_id)
    RETURNING address, lower(campaign_id) AS campaign_id, cause, reason, since, until
), longest AS (
    SELECT DISTINCT ON (address, campaign_id, cause) * FROM miswritten
    ORDER BY address, campaign_id, cause, until DESC, since
)
INSERT INTO mail_suppression AS present (address, campaign_id, cause, reason, since, until)
SELECT address, campaign_id, cause, reason, since, until FROM longest
ON CONFLICT (address, campaign_id, cause) DO UPDATE SET until = greatest(present.until, excluded.until);
