-- A text without these words, where they stand by themselves: "Al Bo" is not in "Pascal Bosch", nor ann@example.com in joann@example.com.
-- One with an @ is an address: signs that its local part may have join it to letters and digits before it, and a dot or hyphen to those
-- after it. But = / ? and | stand before an address in lists and URLs. The letters are those of scripts that have white space between words.
CREATE OR REPLACE FUNCTION without(content text, words text[]) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(
        regexp_replace(
            content,
            nullif(concat_ws(
                '|',
                '(?<![0-9A-Za-z\u00C0-\u0DFF\u0F00-\u1FFF][!#$%&''*+^_`{}~.-]*)(?:'
                    || string_agg(quoted, '|') FILTER (WHERE word LIKE '%@%')
                    || ')(?![.-]?[0-9A-Za-z\u00C0-\u0DFF\u0F00-\u1FFF])',
                '(?<![0-9A-Za-z\u00C0-\u0DFF\u0F00-\u1FFF])(?:'
                    || string_agg(quoted, '|') FILTER (WHERE word NOT LIKE '%@%')
                    || ')(?![0-9A-Za-z\u00C0-\u0DFF\u0F00-\u1FFF])'), ''),
            'erased', 'gi'),
        content)
    FROM unnest(words) AS word
    CROSS JOIN LATERAL regexp_replace(word, '([^[:alnum:][:space:]])', '\\\1', 'g') AS quoted
$$;

-- JSON without these words in its texts and names. It stays JSON, whatever they are.
CREATE FUNCTION without(content jsonb, words text[]) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN CASE jsonb_typeof(content)
        WHEN 'string' THEN to_jsonb(event_routes.without(content #>> '{}', words))
        WHEN 'array' THEN (
            SELECT coalesce(jsonb_agg(event_routes.without(element, words) ORDER BY n), '[]')
            FROM jsonb_array_elements(content) WITH ORDINALITY AS e (element, n))
        WHEN 'object' THEN (
            SELECT coalesce(jsonb_object_agg(event_routes.without(name, words), event_routes.without(element, words)), '{}')
            FROM jsonb_each(content) AS e (name, element))
        ELSE content
    END;
END
$$;
