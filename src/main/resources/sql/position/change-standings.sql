-- Writes the scores that the ranking will use: those that were read, and not what a row may hold by now. By the formula a
-- position follows from the score alone; a rank is kept until the next statement, and is 0 for new people.
WITH gone AS (
    DELETE FROM event_routes.standing WHERE user_id = ANY (CAST(:gone AS uuid[])) AND campaign_id = :campaign_id
)
INSERT INTO event_routes.standing AS s (user_id, campaign_id, score, created_at, position)
SELECT c.user_id, :campaign_id, c.score, c.created_at, CASE WHEN :formula THEN greatest(1, c.score) ELSE 0 END
FROM unnest(CAST(:people AS uuid[]), CAST(:scores AS bigint[]), CAST(:created AS timestamptz[]))
    AS c (user_id, score, created_at)
ON CONFLICT (user_id) DO UPDATE
SET campaign_id = excluded.campaign_id,
    score       = excluded.score,
    created_at  = excluded.created_at,
    position    = CASE WHEN :formula THEN excluded.position ELSE s.position END
