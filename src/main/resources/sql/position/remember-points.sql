-- Points that the events named, unless a later event named others before: a replay brings no old points back. An event of a clock
-- that is ahead counts as of now, or it would outdo all others until its time has come.
INSERT INTO event_routes.campaign_points AS remembered (campaign_id, points, as_of)
SELECT CAST(:#${body.campaign} AS uuid), named.points, least(named.as_of, now())
FROM (SELECT CAST(:#${body.points} AS integer) AS points, CAST(:#${body.pointsAsOf} AS timestamptz) AS as_of) named
WHERE named.points IS NOT NULL
ON CONFLICT (campaign_id) DO UPDATE
SET points = excluded.points, as_of = excluded.as_of
WHERE remembered.as_of < excluded.as_of
