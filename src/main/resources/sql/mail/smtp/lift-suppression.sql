-- Ends the suppressions of an address: of a campaign, or all; of a cause, or all. Its soft bounces are counted anew if a bounce may end.
-- Says which causes have ended.
WITH counted AS (
    UPDATE event_routes.mail_report SET address = NULL
    WHERE address = ANY (string_to_array(:addresses, ',')) AND kind = 'soft_bounce'
      AND coalesce(:cause, 'bounce') = 'bounce'
), before AS (
    DELETE FROM event_routes.suppression
    WHERE address = ANY (string_to_array(:addresses, ',')) AND until > now() AND CAST(:campaign AS text) IS NULL
      AND coalesce(:cause, 'bounce') = 'bounce'
    RETURNING 'bounce' AS cause
), lifted AS (
    DELETE FROM event_routes.mail_suppression
    WHERE address = ANY (string_to_array(:addresses, ',')) AND until > now()
      AND (CAST(:campaign AS text) IS NULL OR campaign_id = :campaign)
      AND (CAST(:cause AS text) IS NULL OR cause = :cause)
    RETURNING cause
)
SELECT coalesce(string_agg(DISTINCT cause, ', ' ORDER BY cause), '') FROM (TABLE before UNION ALL TABLE lifted) AS ended
