-- What finding deliveries needs, so that no search reads the whole table.

-- The person whom a delivery is for: of a fan-out the recipient, else whom the event is about.
CREATE FUNCTION person(recipient text, event jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(nullif(recipient, ''), event #>> '{data,user_id}', event #>> '{data,referrer_id}')
$$;

CREATE INDEX delivery_person ON delivery (event_routes.person(recipient, event));
-- Few rows end so. No column that an attempt changes, or each attempt would write to every index.
CREATE INDEX delivery_not_done ON delivery (consumer_group, created_at) WHERE status IN ('skipped', 'manual', 'failed');
