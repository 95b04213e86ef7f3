-- Stores the points from the events, unless a later event has already set others: a replay does not restore old points. An
-- event from a clock that is ahead counts as of now, otherwise it would override all others until then.
INSERT INTO event_routes.campaign_points AS remembered (campaign_id, points, as_of)
SELECT named.campaign_id, named.points, least(named.as_of, now())
FROM unnest(CAST(:campaigns AS uuid[]), CAST(:points AS integer[]), CAST(:as_of AS timestamptz[]))
    AS named (campaign_id, points, as_of)
WHERE named.points IS NOT NULL
ON CONFLICT (campaign_id) DO UPDATE
SET points = excluded.points, as_of = excluded.as_of
WHERE remembered.as_of < excluded.as_of
