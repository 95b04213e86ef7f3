-- The campaign, if there is one.
SELECT id FROM campaigns WHERE id = CAST(:#${body.campaign} AS uuid)
