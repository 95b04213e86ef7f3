-- Ends the suppressions of an address: of a campaign, or all. Its soft bounces are counted anew.
WITH counted AS (
    UPDATE event_routes.mail_report SET address = NULL
    WHERE address = ANY (string_to_array(:addresses, ',')) AND kind = 'soft_bounce'
), before AS (
    DELETE FROM event_routes.suppression
    WHERE address = ANY (string_to_array(:addresses, ',')) AND until > now() AND CAST(:campaign AS text) IS NULL
    RETURNING 1
), lifted AS (
    DELETE FROM event_routes.mail_suppression
    WHERE address = ANY (string_to_array(:addresses, ',')) AND until > now()
      AND (CAST(:campaign AS text) IS NULL OR campaign_id = :campaign)
    RETURNING 1
)
SELECT (SELECT count(*) FROM before) + (SELECT count(*) FROM lifted)
