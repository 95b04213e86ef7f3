-- Stores how a board is ranked, and how far that has come.
INSERT INTO event_routes.leaderboard AS l
    (campaign_id, mode, points, people, go_on_at, compare_again, compared_to, trusted, numbered_score, numbered_created, numbered_user)
VALUES (:campaign_id, :mode, :points, :people, CASE WHEN :unfinished THEN now() END, :compare_again, :compared_to, :trusted,
        CAST(:score AS bigint), CAST(:created_at AS timestamptz), CAST(:user_id AS uuid))
ON CONFLICT (campaign_id) DO UPDATE
SET mode             = excluded.mode,
    points           = excluded.points,
    people           = excluded.people,
    go_on_at         = excluded.go_on_at,
    compare_again    = excluded.compare_again,
    compared_to      = excluded.compared_to,
    trusted          = excluded.trusted,
    numbered_score   = excluded.numbered_score,
    numbered_created = excluded.numbered_created,
    numbered_user    = excluded.numbered_user,
    recalculated_at  = CASE WHEN :compared THEN now() ELSE l.recalculated_at END
