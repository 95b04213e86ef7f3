-- contract 1
-- position = place in the order of score, sign-up and id: 1 to n without gaps.
-- The whole board: everyone who is neither deleted nor blocked. Only what changes is written, and the application's rows are
-- locked in the order of id, as the application is asked to do.
WITH board AS MATERIALIZED (
    SELECT s.id, s.score, s.created_at, row_number() OVER (ORDER BY s.score, s.created_at, s.id) AS position
    FROM (
        SELECT u.id, u.original_position - u.verified_referral_count * CAST(:points AS bigint) AS score, u.created_at
        FROM waitlist_users u
        WHERE u.campaign_id = :campaign_id AND u.deleted_at IS NULL AND u.status <> 'blocked'
    ) s
), gone AS (
    DELETE FROM event_routes.standing s
    WHERE s.campaign_id = :campaign_id AND NOT EXISTS (SELECT FROM board b WHERE b.id = s.user_id)
), stands AS (
    INSERT INTO event_routes.standing AS s (user_id, campaign_id, score, created_at, position)
    SELECT b.id, :campaign_id, b.score, b.created_at, b.position
    FROM board b
    LEFT JOIN event_routes.standing o ON o.user_id = b.id AND o.campaign_id = :campaign_id
    WHERE (o.score, o.created_at, o.position) IS DISTINCT FROM (b.score, b.created_at, b.position)
    ON CONFLICT (user_id) DO UPDATE
    SET campaign_id = excluded.campaign_id,
        score       = excluded.score,
        created_at  = excluded.created_at,
        position    = excluded.position
), moved AS (
    SELECT u.id, b.position
    FROM board b
    JOIN waitlist_users u ON u.id = b.id
    WHERE u.position IS DISTINCT FROM b.position
    ORDER BY u.id
    FOR UPDATE OF u
), written AS (
    UPDATE waitlist_users u
    SET position = moved.position
    FROM moved
    WHERE u.id = moved.id
    RETURNING 1
), ranked AS (
    INSERT INTO event_routes.leaderboard AS l (campaign_id, mode, points, people)
    SELECT :campaign_id, 'rank', CAST(:points AS bigint), count(*) FROM board
    ON CONFLICT (campaign_id) DO UPDATE
    SET mode = excluded.mode, points = excluded.points, people = excluded.people, recalculated_at = now()
)
SELECT count(*) FROM written
