-- Counts events by type and state in the ledger. A key that the plan has seen before is not counted again. What happened to somebody
-- before they were erased is not done again, and no key of it is kept.
WITH rows AS (
    SELECT DISTINCT ON (idempotency_key) idempotency_key, event_type, topic_partition, record_offset,
           EXISTS (
               SELECT FROM event_routes.erased_person e
               WHERE e.person = event_routes.digest(event_routes.person('', r.event)) AND e.campaign_id = r.event ->> 'campaign_id'
                 AND rtrim(r.event ->> 'timestamp', 'Z') COLLATE "C" <= e.until
               OFFSET 0) AS erased
    FROM jsonb_to_recordset(CAST(:rows AS jsonb))
        AS r (idempotency_key text, event_type text, topic_partition integer, record_offset bigint, event jsonb)
    ORDER BY idempotency_key, record_offset
), first_seen AS (
    INSERT INTO event_routes.replay_subject (replay_id, subject, topic_partition, record_offset)
    SELECT :id, idempotency_key, topic_partition, record_offset FROM rows WHERE NOT erased
    ON CONFLICT (replay_id, subject) DO NOTHING
    RETURNING subject
)
SELECT r.event_type, coalesce(d.status, 'new') AS standing, count(*) AS events
FROM first_seen s
JOIN rows r ON r.idempotency_key = s.subject
LEFT JOIN event_routes.delivery d
    ON d.consumer_group = :group AND d.idempotency_key = ANY (event_routes.keys(s.subject)) AND d.recipient = ''
       AND event_routes.key_of(d.idempotency_key, d.campaign_id, d.event) = s.subject
GROUP BY 1, 2
UNION ALL
SELECT event_type, 'erased', count(*) FROM rows WHERE erased GROUP BY 1
