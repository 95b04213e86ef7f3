-- People whose data was erased: what happened to them up to then is not done any more, whoever reads it again. An id is here as its
-- digest alone.
CREATE TABLE erased_person (
    person      text NOT NULL,                        -- SHA-256 of the person's id, in hexadecimal
    campaign_id text NOT NULL,
    until       text COLLATE "C" NOT NULL,            -- up to when, as events write their time, without the Z
    PRIMARY KEY (person, campaign_id)
);

-- SHA-256 of a text, in hexadecimal. STABLE, as convert_to is: only so is it inlined.
CREATE FUNCTION digest(content text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(content, 'UTF8')), 'hex')
$$;

-- A text without these words.
CREATE FUNCTION without(content text, words text[]) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(
        regexp_replace(content,
                       (SELECT string_agg(regexp_replace(word, '([^[:alnum:][:space:]])', '\\\1', 'g'), '|') FROM unnest(words) AS word),
                       'erased', 'gi'),
        content)
$$;
