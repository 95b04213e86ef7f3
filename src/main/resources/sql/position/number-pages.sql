-- contract 1
-- Gives the next people of some boards their positions, on each those behind a place: by the formula what follows from the score, by
-- rank the numbers behind that of the place. Writes those that changed, here and in the application's rows, these one after the other
-- in the order of id, as the application is asked to do. Who is no longer there, or takes no part any more, leaves the board.
WITH board AS MATERIALIZED (
    SELECT b.*,
           CASE WHEN b.formula THEN b.people ELSE coalesce((
               SELECT s.position
               FROM event_routes.standing s
               WHERE s.campaign_id = b.campaign_id
                 AND (s.score, s.created_at, s.user_id) <= (b.score, b.created_at, b.user_id)
               ORDER BY s.score DESC, s.created_at DESC, s.user_id DESC
               LIMIT 1), 0) END AS ahead
    FROM unnest(
        CAST(:campaigns AS uuid[]), CAST(:formula AS boolean[]), CAST(:people AS bigint[]),
        CAST(:scores AS bigint[]), CAST(:created AS timestamptz[]), CAST(:users AS uuid[]))
        AS b (campaign_id, formula, people, score, created_at, user_id)
), page AS MATERIALIZED (
    SELECT b.campaign_id, b.formula, b.ahead, s.*, u.position AS theirs, u.id IS NOT NULL AS takes_part
    FROM board b
    CROSS JOIN LATERAL (
        SELECT s.ctid AS place, s.user_id, s.score, s.created_at, s.position AS was
        FROM event_routes.standing s
        WHERE s.campaign_id = b.campaign_id AND (s.score, s.created_at, s.user_id) > (b.score, b.created_at, b.user_id)
        ORDER BY s.score, s.created_at, s.user_id
        LIMIT :limit
    ) s
    LEFT JOIN LATERAL (
        SELECT u.id, u.campaign_id, u.position
        FROM waitlist_users u
        WHERE u.id = s.user_id AND u.deleted_at IS NULL AND u.status <> 'blocked'
        OFFSET 0
    ) u ON u.campaign_id = b.campaign_id
), numbered AS MATERIALIZED (
    SELECT p.*, count(*) OVER (PARTITION BY p.campaign_id) AS rows,
           row_number() OVER (PARTITION BY p.campaign_id ORDER BY p.score, p.created_at, p.user_id) AS n,
           CASE WHEN NOT p.takes_part THEN NULL
                WHEN p.formula THEN greatest(1, p.score)
                ELSE p.ahead + count(*) FILTER (WHERE p.takes_part) OVER (
                    PARTITION BY p.campaign_id ORDER BY p.score, p.created_at, p.user_id) END AS position
    FROM page p
), gone AS (
    DELETE FROM event_routes.standing s
    USING (SELECT place FROM page WHERE NOT takes_part OFFSET 0) p
    WHERE s.ctid = p.place
), ranked AS (
    UPDATE event_routes.standing s
    SET position = n.position
    FROM (SELECT place, position FROM numbered WHERE position <> was OFFSET 0) n
    WHERE s.ctid = n.place
), written AS (
    UPDATE waitlist_users u
    SET position = n.position
    FROM (SELECT user_id, position FROM numbered WHERE takes_part AND theirs IS DISTINCT FROM position
          ORDER BY user_id OFFSET 0) n
    WHERE u.id = n.user_id
)
SELECT b.campaign_id, coalesce(p.moved, 0) AS moved, b.ahead + coalesce(p.numbered, 0) AS people,
       coalesce(p.rows, 0) = :limit AS more, coalesce(p.corrected, false) AS corrected, p.score, p.created_at, p.user_id
FROM board b
LEFT JOIN (
    SELECT campaign_id, count(*) AS rows, count(position) AS numbered,
           count(*) FILTER (WHERE takes_part AND theirs IS DISTINCT FROM position) AS moved,
           bool_or(position IS DISTINCT FROM was) AS corrected,
           max(score) FILTER (WHERE n = rows) AS score, max(created_at) FILTER (WHERE n = rows) AS created_at,
           (array_agg(user_id) FILTER (WHERE n = rows))[1] AS user_id
    FROM numbered
    GROUP BY campaign_id
) p ON p.campaign_id = b.campaign_id
