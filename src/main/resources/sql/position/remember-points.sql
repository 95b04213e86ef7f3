-- Points that the events named, unless a later event named others before: a replay brings no old points back. An event of a clock
-- that is ahead counts as of now, or it would outdo all others until its time has come.
INSERT INTO event_routes.campaign_points AS remembered (campaign_id, points, as_of)
SELECT named.campaign_id, named.points, least(named.as_of, now())
FROM unnest(CAST(:campaigns AS uuid[]), CAST(:points AS integer[]), CAST(:as_of AS timestamptz[]))
    AS named (campaign_id, points, as_of)
WHERE named.points IS NOT NULL
ON CONFLICT (campaign_id) DO UPDATE
SET points = excluded.points, as_of = excluded.as_of
WHERE remembered.as_of < excluded.as_of
