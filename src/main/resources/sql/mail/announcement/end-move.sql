-- All mails of a fan-out follow its state, unless that has changed meanwhile. Its counts are outdated.
UPDATE event_routes.fan_out
SET counted_until = NULL, moving_since = CASE WHEN state <> :state THEN moving_since END
WHERE delivery_id = :id
