-- contract 1
-- The standing of a person. The position of somebody new is 0 before the board is numbered.
SELECT s.user_id, s.position, s.score, s.created_at, u.first_name, u.last_name,
       u.verified_referral_count AS verified_referrals
FROM event_routes.standing s
JOIN waitlist_users u ON u.id = s.user_id AND u.deleted_at IS NULL AND u.status <> 'blocked'
WHERE s.campaign_id = :campaign_id AND s.user_id = :user_id
