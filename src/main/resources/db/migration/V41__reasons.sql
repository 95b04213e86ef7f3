-- A reason as those with the same cause have it, so that they can be counted: short, and without what differs, such as ids, addresses and
-- queue numbers.
CREATE FUNCTION because(reason text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT btrim(left(regexp_replace(left(reason, 300), '[^[:space:]]*([0-9a-f]{8}-[0-9a-f]{4}-|[0-9]{5}|@)[^[:space:]]*', '***', 'gi'), 120))
$$;
