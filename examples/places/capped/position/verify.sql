-- contract 1
-- The people whose position differs from a full recalculation as of now, from the top of the board.
WITH board AS MATERIALIZED (
    SELECT s.id, s.position,
           CASE WHEN :formula THEN greatest(1, s.score)
                ELSE row_number() OVER (ORDER BY s.score, s.created_at, s.id) END AS expected
    FROM (
        SELECT u.id, u.position, u.created_at,
               u.original_position - least(10, u.verified_referral_count) * CAST(:points AS bigint) AS score
        FROM waitlist_users u
        WHERE u.campaign_id = :campaign_id AND u.deleted_at IS NULL AND u.status <> 'blocked'
    ) s
)
SELECT id AS user_id, position, expected, count(*) OVER () AS differences
FROM board
WHERE position IS DISTINCT FROM expected
ORDER BY expected, id
LIMIT :limit
