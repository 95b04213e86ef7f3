-- The deliveries that are to be erased, and whether an attempt is under way. Nobody takes or begins them meanwhile.
SELECT 'deliveries' AS kind, CAST(d.id AS text) AS id, NULL AS data,
       d.status = 'leased' AND d.attempts > 0 AND NOT EXISTS (
           SELECT FROM event_routes.delivery_attempt a WHERE a.delivery_id = d.id AND a.attempt = d.attempts) AS under_way
FROM event_routes.delivery d
WHERE event_routes.person(d.recipient, d.event) = ANY (CAST(:users AS text[]))
  AND d.campaign_id = ANY (CAST(:campaigns AS text[]))
ORDER BY d.id
LIMIT :limit
FOR UPDATE OF d
