-- contract 1
-- Renumbers islands of the board, each a range of places: nobody else can have moved. An island continues from the rank
-- before it: that of the person before it or, if that person is on the previous island and about to be renumbered, the last
-- rank of that island, which keeps the same ranks in another order. Writes the changed ranks: in our own table by ctid, since
-- only the holder of the campaign's lock moves its rows; in the application's rows in the order of id, as the application is
-- asked to do. Of an island longer than a page one page is numbered. Returns where that ended on the first of these: ranks
-- after it are not correct yet.
WITH island AS MATERIALIZED (
    SELECT i.*,
           coalesce((SELECT s.position
                     FROM event_routes.standing s
                     WHERE s.campaign_id = :campaign_id
                       AND (s.score, s.created_at, s.user_id) < (i.from_score, i.from_created, i.from_user)
                     ORDER BY s.score DESC, s.created_at DESC, s.user_id DESC
                     LIMIT 1), 0) AS in_front
    FROM unnest(
        CAST(:from_scores AS bigint[]), CAST(:from_created AS timestamptz[]), CAST(:from_users AS uuid[]),
        CAST(:to_scores AS bigint[]), CAST(:to_created AS timestamptz[]), CAST(:to_users AS uuid[])) WITH ORDINALITY
        AS i (from_score, from_created, from_user, to_score, to_created, to_user, n)
), stands AS MATERIALIZED (
    SELECT i.n, i.in_front, s.*
    FROM island i
    CROSS JOIN LATERAL (
        SELECT s.ctid AS place, s.user_id, s.position, s.score, s.created_at
        FROM event_routes.standing s
        WHERE s.campaign_id = :campaign_id
          AND (s.score, s.created_at, s.user_id) >= (i.from_score, i.from_created, i.from_user)
          AND (s.score, s.created_at, s.user_id) <= (i.to_score, i.to_created, i.to_user)
        ORDER BY s.score, s.created_at, s.user_id
        LIMIT :limit
    ) s
), ahead AS MATERIALIZED (
    SELECT n, greatest(in_front, lag(last) OVER (ORDER BY n)) AS ahead
    FROM (SELECT n, in_front, max(position) AS last FROM stands GROUP BY n, in_front) i
), numbered AS (
    SELECT s.place, s.position AS was,
           (SELECT array_agg(a.ahead ORDER BY a.n) FROM ahead a)[dense_rank() OVER (ORDER BY s.n)]
               + row_number() OVER (PARTITION BY s.n ORDER BY s.score, s.created_at, s.user_id) AS position
    FROM stands s
), ranked AS (
    UPDATE event_routes.standing s
    SET position = n.position
    FROM (SELECT place, position FROM numbered WHERE position <> was OFFSET 0) n
    WHERE s.ctid = n.place
    RETURNING s.user_id, s.position
), written AS (
    UPDATE waitlist_users u
    SET position = moved.position
    FROM (SELECT user_id, position FROM ranked ORDER BY user_id OFFSET 0) moved
    WHERE u.id = moved.user_id AND u.deleted_at IS NULL AND u.status <> 'blocked' -- who left without an event keeps the last one
    RETURNING 1
)
SELECT w.moved, cut.score, cut.created_at, cut.user_id
FROM (SELECT count(*) AS moved FROM written) w
LEFT JOIN LATERAL (
    SELECT s.score, s.created_at, s.user_id
    FROM stands s
    WHERE s.n = (SELECT min(long.n) FROM (SELECT n FROM stands GROUP BY n HAVING count(*) >= :limit) long)
    ORDER BY s.score DESC, s.created_at DESC, s.user_id DESC
    LIMIT 1
) cut ON true
