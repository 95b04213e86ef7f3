-- contract 1
-- By rank, renumbers the people on islands of their board, each from one place to another: nobody else can have moved. An island
-- continues from the rank before it. That is the rank of the person before it, or, if that person is on the previous island and about
-- to get another rank, the last rank of that island: it keeps the same ranks, only their holders change.
-- Writes the ranks that changed: those of our own by where the row lies, since only the holder of the campaign's lock moves it. The
-- application's rows, and with them those of people whose position by the formula is given, are written one after the other in the
-- order of id, as the application is asked to do.
-- An island that is longer than a page is numbered for a page. It says where that ended on the first of these of each board: what is
-- behind is not right yet.
WITH island AS MATERIALIZED (
    SELECT i.*,
           coalesce((SELECT s.position
                     FROM event_routes.standing s
                     WHERE s.campaign_id = i.campaign_id
                       AND (s.score, s.created_at, s.user_id) < (i.from_score, i.from_created, i.from_user)
                     ORDER BY s.score DESC, s.created_at DESC, s.user_id DESC
                     LIMIT 1), 0) AS in_front
    FROM unnest(
        CAST(:islands AS uuid[]),
        CAST(:from_scores AS bigint[]), CAST(:from_created AS timestamptz[]), CAST(:from_users AS uuid[]),
        CAST(:to_scores AS bigint[]), CAST(:to_created AS timestamptz[]), CAST(:to_users AS uuid[])) WITH ORDINALITY
        AS i (campaign_id, from_score, from_created, from_user, to_score, to_created, to_user, n)
), stands AS MATERIALIZED (
    SELECT i.campaign_id, i.n, i.in_front, s.*
    FROM island i
    CROSS JOIN LATERAL (
        SELECT s.ctid AS place, s.user_id, s.position, s.score, s.created_at
        FROM event_routes.standing s
        WHERE s.campaign_id = i.campaign_id
          AND (s.score, s.created_at, s.user_id) >= (i.from_score, i.from_created, i.from_user)
          AND (s.score, s.created_at, s.user_id) <= (i.to_score, i.to_created, i.to_user)
        ORDER BY s.score, s.created_at, s.user_id
        LIMIT :limit
    ) s
), ahead AS MATERIALIZED (
    SELECT n, greatest(in_front, lag(last) OVER (PARTITION BY campaign_id ORDER BY n)) AS ahead
    FROM (SELECT campaign_id, n, in_front, max(position) AS last FROM stands GROUP BY campaign_id, n, in_front) i
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
    FROM (SELECT user_id, position
          FROM (SELECT user_id, position FROM ranked
                UNION ALL
                SELECT * FROM unnest(CAST(:moved AS uuid[]), CAST(:moved_to AS bigint[]))) m (user_id, position)
          ORDER BY user_id
          OFFSET 0) moved
    WHERE u.id = moved.user_id AND u.position IS DISTINCT FROM moved.position
      AND u.deleted_at IS NULL AND u.status <> 'blocked' -- who left without an event keeps the last one
    RETURNING 1
)
SELECT w.moved, cut.campaign_id, cut.score, cut.created_at, cut.user_id
FROM (SELECT count(*) AS moved FROM written) w
LEFT JOIN (
    SELECT DISTINCT ON (s.campaign_id) s.campaign_id, s.score, s.created_at, s.user_id
    FROM stands s
    WHERE s.n = ANY (ARRAY(SELECT min(long.n)
                           FROM (SELECT campaign_id, n FROM stands GROUP BY campaign_id, n HAVING count(*) >= :limit) long
                           GROUP BY long.campaign_id))
    ORDER BY s.campaign_id, s.score DESC, s.created_at DESC, s.user_id DESC
) cut ON true
