-- What is kept about people, by the names that the export has. A dead letter or a row of the outbox is about them if it has an id that is
-- theirs alone; another id beside a campaign's; or an address, beside a campaign's id unless all campaigns are meant. Texts of operators are
-- searched whatever campaign they are about. LIKE finds the few rows at which what is exact looks. A row of the outbox about somebody whom
-- another person has referred is that other person's. Why an operator has changed somebody else's delivery may name them, too.
(SELECT 'deliveries' AS kind, CAST(d.id AS text) AS id,
        CAST(to_jsonb(d) || jsonb_build_object(
            'attempts', (SELECT coalesce(jsonb_agg(to_jsonb(a) - 'delivery_id' ORDER BY a.attempt), '[]')
                         FROM event_routes.delivery_attempt a
                         WHERE a.delivery_id = d.id),
            'window', (SELECT to_jsonb(w) FROM event_routes.position_window w WHERE w.delivery_id = d.id),
            'untold', (SELECT to_jsonb(u) FROM event_routes.untold_outcome u WHERE u.delivery_id = d.id),
            'reports', (SELECT coalesce(jsonb_agg(to_jsonb(r) - 'delivery_id' ORDER BY r.reported_at), '[]')
                        FROM event_routes.mail_report r
                        WHERE r.delivery_id = d.id)) AS text) AS data,
        false AS under_way
 FROM event_routes.delivery d
 WHERE event_routes.person(d.recipient, d.event) = ANY (CAST(:users AS text[]))
   AND d.campaign_id = ANY (CAST(:campaigns AS text[]))
 ORDER BY d.id
 LIMIT :limit)
UNION ALL
SELECT 'dead_letters', CAST(l.id AS text),
       CAST(jsonb_build_object('consumer_group', l.consumer_group, 'topic', l.topic, 'partition', l.partition,
                               'record_offset', l.record_offset, 'created_at', l.created_at, 'reason', l.reason,
                               'key', encode(l.key, 'escape'), 'value', encode(l.value, 'escape')) AS text), false
FROM event_routes.dead_letter l
CROSS JOIN LATERAL (
    SELECT replace(lower(concat_ws(' ', encode(l.key, 'escape'), encode(l.value, 'escape'), l.reason,
                                   (SELECT string_agg(encode(header, 'escape'), ' ')
                                    FROM unnest(l.header_names || l.header_values) AS header))),
                   '\000', '') AS text  -- UTF-16 and UTF-32 have zeros between letters
    OFFSET 0
) content
WHERE content.text ILIKE ANY (CAST(:like_own_ids AS text[]))
   OR (content.text ILIKE ANY (CAST(:like_ids AS text[])) AND content.text ILIKE ANY (CAST(:like_campaigns AS text[])))
   OR (content.text ILIKE ANY (CAST(:like_addresses AS text[]))
       AND (:everywhere OR content.text ILIKE ANY (CAST(:like_campaigns AS text[])))
       AND content.text ~ :addresses_spelt)
UNION ALL
SELECT 'outbox', CAST(o.id AS text), CAST(to_jsonb(o) AS text), false
FROM event_routes.event_outbox o
CROSS JOIN LATERAL (SELECT lower(CAST(o.event AS text)) AS text OFFSET 0) content
WHERE (content.text ILIKE ANY (CAST(:like_own_ids AS text[]))
       OR (content.text ILIKE ANY (CAST(:like_ids AS text[])) AND content.text ILIKE ANY (CAST(:like_campaigns AS text[])))
       OR (content.text ILIKE ANY (CAST(:like_addresses AS text[]))
           AND (:everywhere OR content.text ILIKE ANY (CAST(:like_campaigns AS text[])))
           AND content.text ~ :addresses_spelt))
  AND (o.event #>> '{data,referred_id}' = ANY (CAST(:users AS text[]))) IS NOT TRUE
UNION ALL
SELECT 'suppressions', CAST(s.id AS text), CAST(to_jsonb(s) AS text), false
FROM event_routes.mail_suppression s
WHERE s.address = ANY (CAST(:hashes AS text[]))
  AND (:everywhere OR s.campaign_id = '' OR s.campaign_id = ANY (CAST(:campaigns AS text[])))
  AND s.reason <> 'erased'
UNION ALL
SELECT 'standings', CAST(s.user_id AS text), CAST(to_jsonb(s) AS text), false
FROM event_routes.standing s
WHERE s.user_id = ANY (CAST(:uuids AS uuid[])) AND CAST(s.campaign_id AS text) = ANY (CAST(:campaigns AS text[]))
UNION ALL
SELECT 'replay_subjects', s.subject, CAST(to_jsonb(s) AS text), false
FROM event_routes.replay r
JOIN event_routes.replay_subject s ON s.replay_id = r.id
WHERE r.policy <> 'positions'
  AND EXISTS (
      SELECT
      FROM unnest(CAST(:users AS text[])) AS u (id)
      CROSS JOIN unnest(CAST(:campaigns AS text[])) AS c (id)
      WHERE position('/' || c.id || '/' || u.id || '/' IN '/' || substr(s.subject, position(':' IN s.subject) + 1) || '/') > 0)
UNION ALL
SELECT 'audit', CAST(a.id AS text), CAST(to_jsonb(a) AS text), false
FROM event_routes.audit a
WHERE concat_ws(' ', CAST(a.arguments AS text), a.result) ILIKE ANY (CAST(:like_words AS text[]))
  AND (event_routes.without(a.arguments, CAST(:words AS text[])) <> a.arguments
       OR event_routes.without(a.result, CAST(:words AS text[])) <> a.result)
UNION ALL
SELECT 'delivery_reasons', CAST(d.id AS text), CAST(jsonb_build_object('id', d.id, 'reason', d.reason) AS text), false
FROM (SELECT DISTINCT delivery_id FROM event_routes.delivery_change) changed
JOIN event_routes.delivery d ON d.id = changed.delivery_id
WHERE d.reason ILIKE ANY (CAST(:like_words AS text[])) AND event_routes.without(d.reason, CAST(:words AS text[])) <> d.reason
  AND (event_routes.person(d.recipient, d.event) = ANY (CAST(:users AS text[]))
       AND d.campaign_id = ANY (CAST(:campaigns AS text[]))) IS NOT TRUE
UNION ALL
SELECT 'dead_letter_actions', concat_ws('/', a.consumer_group, a.letter, a.letter_at), CAST(to_jsonb(a) AS text), false
FROM event_routes.dead_letter_action a
WHERE a.reason ILIKE ANY (CAST(:like_words AS text[])) AND event_routes.without(a.reason, CAST(:words AS text[])) <> a.reason
UNION ALL
SELECT 'reward_holds', CAST(h.user_reward_id AS text), CAST(to_jsonb(h) AS text), false
FROM event_routes.reward_hold h
WHERE h.because ILIKE ANY (CAST(:like_words AS text[])) AND event_routes.without(h.because, CAST(:words AS text[])) <> h.because
UNION ALL
SELECT 'announcements', CAST(f.delivery_id AS text), CAST(to_jsonb(f) AS text), false
FROM event_routes.fan_out f
WHERE lower(f.reached) = ANY (CAST(:addresses AS text[]))
   OR (f.because ILIKE ANY (CAST(:like_words AS text[])) AND event_routes.without(f.because, CAST(:words AS text[])) <> f.because)
UNION ALL
SELECT 'boards', CAST(b.campaign_id AS text), CAST(to_jsonb(b) AS text), false
FROM event_routes.leaderboard b
WHERE lower(b.compared_to) = ANY (CAST(:addresses AS text[]))
UNION ALL
SELECT 'webhooks', CAST(e.id AS text), CAST(to_jsonb(e) AS text), false
FROM event_routes.webhook_endpoint e
CROSS JOIN LATERAL (SELECT concat_ws(' ', e.last_error, e.disabled_because) AS text OFFSET 0) content
WHERE content.text ILIKE ANY (CAST(:like_words AS text[])) AND event_routes.without(content.text, CAST(:words AS text[])) <> content.text
