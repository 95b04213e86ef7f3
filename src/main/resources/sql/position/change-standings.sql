-- Writes the scores that the ranking is going to use: those that were read, and not what a row may hold by now. A position by
-- the formula follows from the score alone. By rank it is given as 0: a rank stays until the next statement, and who is new has none.
WITH gone AS (
    DELETE FROM event_routes.standing s
    USING unnest(CAST(:gone AS uuid[]), CAST(:gone_from AS uuid[])) AS g (user_id, campaign_id)
    WHERE s.user_id = g.user_id AND (s.campaign_id = g.campaign_id) IS TRUE -- which no index of the campaign serves
)
INSERT INTO event_routes.standing AS s (user_id, campaign_id, score, created_at, position)
SELECT *
FROM unnest(CAST(:people AS uuid[]), CAST(:campaigns AS uuid[]), CAST(:scores AS bigint[]), CAST(:created AS timestamptz[]),
    CAST(:positions AS bigint[]))
ON CONFLICT (user_id) DO UPDATE
SET campaign_id = excluded.campaign_id,
    score       = excluded.score,
    created_at  = excluded.created_at,
    position    = CASE WHEN excluded.position = 0 THEN s.position ELSE excluded.position END
