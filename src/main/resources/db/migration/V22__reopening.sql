-- What came to nothing can be opened again by another event, unless somebody has cancelled it.

ALTER TABLE delivery ADD COLUMN cancelled_at timestamptz;

-- The key of a referral's event names its campaign and its referrer, too. Before, it was the referral alone: rows of then keep
-- their key, and stand for what they are about. All of this can go when they are purged.

-- How the key of an event may be spelled in the ledger.
CREATE FUNCTION keys(key text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN key LIKE 'referral.%/%' THEN ARRAY[key, split_part(key, '/', 1)] ELSE ARRAY[key] END
$$;

-- The key of a row as it is spelled today.
CREATE FUNCTION key_of(key text, campaign text, event jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN key LIKE 'referral.%' AND position('/' IN key) = 0
                THEN key || '/' || campaign || '/' || (event #>> '{data,referrer_id}')
                ELSE key END
$$;

-- Whether a row of before stands for this key.
CREATE FUNCTION stands_as_before(of_group text, key text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT key LIKE 'referral.%/%' AND EXISTS (
        SELECT FROM event_routes.delivery d
        WHERE d.consumer_group = of_group AND d.idempotency_key = split_part(key, '/', 1) AND d.recipient = ''
          AND event_routes.key_of(d.idempotency_key, d.campaign_id, d.event) = key)
$$;
