-- contract 1
-- How many people of a campaign are ahead of one of them, in the order of score, sign-up and id, without
-- counting :without of that person's latest referrals.
SELECT count(*)
FROM waitlist_users u
JOIN waitlist_users o ON o.campaign_id = u.campaign_id AND o.deleted_at IS NULL AND o.status <> 'blocked'
WHERE u.campaign_id = :campaign_id AND u.id = :user_id AND o.id <> u.id
  AND (o.original_position - least(10, o.verified_referral_count) * CAST(:points AS bigint), o.created_at, o.id)
    < (u.original_position - least(10, greatest(0, u.verified_referral_count - :without)) * CAST(:points AS bigint), u.created_at, u.id)
