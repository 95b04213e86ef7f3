-- Takes the fan-outs whose mails should have followed a change long ago, for as long again: what changed them was cut off. A time in the
-- future is of a clock that was set back.
UPDATE event_routes.fan_out
SET moving_since = now()
WHERE moving_since < now() - interval '5 minutes' OR moving_since > now()
RETURNING delivery_id AS id, state, because
