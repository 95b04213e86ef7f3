-- contract 2
-- People with the names of their campaigns.
SELECT u.id, u.campaign_id, u.email, u.first_name, u.last_name, u.referral_code, u.verified_referral_count AS referral_count,
       u.position, u.status, u.deleted_at IS NOT NULL AS deleted,
       c.name AS campaign_name, c.slug AS campaign_slug,
       c.email_config ->> 'from_name' AS from_name, c.email_config ->> 'from_email' AS from_email,
       c.email_config ->> 'unsubscribe_url' AS unsubscribe_url,
       c.email_config ->> 'locale' AS locale  -- the language of mails, such as de-AT; null, or no such column: MAIL_LOCALE
FROM jsonb_to_recordset(CAST(:places AS jsonb)) AS place (n integer, campaign_id uuid, user_id uuid)
JOIN waitlist_users u ON u.id = place.user_id AND u.campaign_id = place.campaign_id
JOIN campaigns c ON c.id = u.campaign_id
WHERE place.n = place.n + 0  -- always true: makes the planner expect few rows, and use the indexes
