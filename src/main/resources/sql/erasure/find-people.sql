-- contract 1
-- Where somebody is known, by an id or by an address in a campaign or in any: in the application's table, in the ledger under which
-- addresses, and where they have been erased before. Each campaign is looked up along its unique index (campaign_id, email). The name has
-- both parts, or there is none: one alone may be any word.
WITH people AS MATERIALIZED (
    SELECT u.campaign_id, u.id, u.email, u.first_name, u.last_name
    FROM waitlist_users u
    WHERE u.id = CAST(:uuid AS uuid)
    UNION ALL
    SELECT u.*
    FROM campaigns c
    CROSS JOIN LATERAL (
        SELECT u.campaign_id, u.id, u.email, u.first_name, u.last_name
        FROM waitlist_users u
        WHERE u.campaign_id = c.id AND u.email IN (CAST(:address AS text), lower(CAST(:address AS text)))
        OFFSET 0
    ) u
    WHERE CAST(:address AS text) IS NOT NULL AND (CAST(:campaign AS text) IS NULL OR c.id = CAST(:campaign AS uuid))
), ids AS MATERIALIZED (
    SELECT CAST(id AS text) AS id FROM people UNION SELECT CAST(:id AS text)
)
SELECT CAST(campaign_id AS text) AS campaign_id, CAST(id AS text) AS user_id, email,
       nullif(btrim(first_name), '') || ' ' || nullif(btrim(last_name), '') AS name, true AS in_application
FROM people
UNION ALL
SELECT DISTINCT d.campaign_id, ids.id, d.event #>> '{data,email}', NULL, false
FROM ids
JOIN event_routes.delivery d ON event_routes.person(d.recipient, d.event) = ids.id
UNION ALL
SELECT e.campaign_id, ids.id, NULL, NULL, false
FROM ids
JOIN event_routes.erased_person e ON e.person = event_routes.digest(ids.id)
