-- contract 1
-- A person with the campaign's names.
SELECT u.id, u.email, u.first_name, u.last_name, u.referral_code, u.verified_referral_count AS referral_count, u.position,
       u.status, u.deleted_at IS NOT NULL AS deleted,
       c.name AS campaign_name, c.slug AS campaign_slug,
       c.email_config ->> 'from_name' AS from_name, c.email_config ->> 'from_email' AS from_email,
       c.email_config ->> 'unsubscribe_url' AS unsubscribe_url
FROM waitlist_users u
JOIN campaigns c ON c.id = u.campaign_id
WHERE u.campaign_id = :campaign_id AND u.id = :user_id
