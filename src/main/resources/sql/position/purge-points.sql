-- contract 1
-- Deletes the points that events named long ago, of campaigns that the application does not have.
DELETE FROM event_routes.campaign_points p
WHERE p.as_of < now() - make_interval(secs => :age) AND NOT EXISTS (SELECT FROM campaigns c WHERE c.id = p.campaign_id)
