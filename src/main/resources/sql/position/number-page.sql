-- contract 1
-- Gives the next people of a board, after a place, their positions: by the formula from the score, by rank the following
-- numbers. Writes the changed ones, here and in the application's rows, the latter in the order of id, as the application is
-- asked to do. People who are gone or no longer take part leave the board.
WITH page AS MATERIALIZED (
    SELECT s.*, u.position AS theirs, u.id IS NOT NULL AS takes_part
    FROM (
        SELECT s.ctid AS place, s.user_id, s.score, s.created_at, s.position
        FROM event_routes.standing s
        WHERE s.campaign_id = :campaign_id
          AND (s.score, s.created_at, s.user_id)
            > (CAST(:score AS bigint), CAST(:created_at AS timestamptz), CAST(:user_id AS uuid))
        ORDER BY s.score, s.created_at, s.user_id
        LIMIT :limit
    ) s
    LEFT JOIN LATERAL (
        SELECT u.id, u.position
        FROM waitlist_users u
        WHERE u.id = s.user_id AND u.campaign_id = :campaign_id AND u.deleted_at IS NULL AND u.status <> 'blocked'
        LIMIT 1
    ) u ON true
), ahead AS MATERIALIZED (
    SELECT CASE WHEN :formula THEN CAST(:people AS bigint) ELSE coalesce((
        SELECT s.position
        FROM event_routes.standing s
        WHERE s.campaign_id = :campaign_id
          AND (s.score, s.created_at, s.user_id)
            <= (CAST(:score AS bigint), CAST(:created_at AS timestamptz), CAST(:user_id AS uuid))
        ORDER BY s.score DESC, s.created_at DESC, s.user_id DESC
        LIMIT 1), 0) END AS people
), numbered AS MATERIALIZED (
    SELECT p.place, p.user_id, p.position AS was, p.theirs,
           CASE WHEN :formula THEN greatest(1, p.score)
                ELSE a.people + row_number() OVER (ORDER BY p.score, p.created_at, p.user_id) END AS position
    FROM page p
    CROSS JOIN ahead a
    WHERE p.takes_part
), gone AS (
    DELETE FROM event_routes.standing s
    USING (SELECT place FROM page WHERE NOT takes_part OFFSET 0) p
    WHERE s.ctid = p.place
), ranked AS (
    UPDATE event_routes.standing s
    SET position = n.position
    FROM (SELECT place, position FROM numbered WHERE position <> was OFFSET 0) n
    WHERE s.ctid = n.place
    RETURNING 1
), written AS (
    UPDATE waitlist_users u
    SET position = n.position
    FROM (SELECT user_id, position FROM numbered WHERE theirs IS DISTINCT FROM position ORDER BY user_id OFFSET 0) n
    WHERE u.id = n.user_id
    RETURNING 1
)
SELECT (SELECT count(*) FROM written) AS moved, a.people + (SELECT count(*) FROM numbered) AS people,
       (SELECT count(*) FROM page) = :limit AS more,
       EXISTS (SELECT FROM ranked) OR EXISTS (SELECT FROM page WHERE NOT takes_part) AS corrected,
       last.score, last.created_at, last.user_id
FROM ahead a
LEFT JOIN LATERAL (
    SELECT p.score, p.created_at, p.user_id FROM page p ORDER BY p.score DESC, p.created_at DESC, p.user_id DESC LIMIT 1
) last ON true
