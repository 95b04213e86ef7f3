-- contract 1
-- People in the order of the board, from the top or after somebody. New people have the position 0 before the board is numbered: they are
-- returned, too, since the next page begins after the last person of this one.
SELECT s.user_id, s.position, s.score, u.first_name, u.last_name, u.verified_referral_count AS verified_referrals
FROM event_routes.standing s
JOIN waitlist_users u ON u.id = s.user_id AND u.deleted_at IS NULL AND u.status <> 'blocked'
WHERE s.campaign_id = :campaign_id
  AND (s.score, s.created_at, s.user_id) > (:score, CAST(:created_at AS timestamptz), CAST(:user_id AS uuid))
ORDER BY s.score, s.created_at, s.user_id
LIMIT :limit
