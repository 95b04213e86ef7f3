-- Stores the points from the events, unless a later event has already set others: a replay does not restore old points. An
-- event from a clock that is ahead counts as of now, otherwise it would override all others until then.
INSERT INTO event_routes.campaign_points AS remembered (campaign_id, points, as_of)
SELECT CAST(:#${body.campaign} AS uuid), named.points, least(named.as_of, now())
FROM (SELECT CAST(:#${body.points} AS integer) AS points, CAST(:#${body.pointsAsOf} AS timestamptz) AS as_of) named
WHERE named.points IS NOT NULL
ON CONFLICT (campaign_id) DO UPDATE
SET points = excluded.points, as_of = excluded.as_of
WHERE remembered.as_of < excluded.as_of
