-- Replays with their progress, newest first: the one with this id, or all.
SELECT r.id, r.consumer_group, r.policy, r.topic_partition, r.range_from, r.range_to, array_to_string(r.types, ',') AS types,
       r.campaign_id, r.event_id, r.rate, r.state, CAST(r.plan AS text) AS plan, r.effects, CAST(r.result AS text) AS result,
       CAST(to_jsonb(r.notes) AS text) AS notes, r.held_because, r.error, r.planned_by, r.started_by, r.cancelled_by,
       r.created_at, r.planned_at, r.started_at, r.ended_at,
       CAST(coalesce(p.partitions, '[]') AS text) AS partitions
FROM event_routes.replay r
LEFT JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_object('partition', topic_partition, 'first', first_offset, 'end', end_offset,
                                        'next', next_offset) ORDER BY topic_partition) AS partitions
    FROM event_routes.replay_partition
    WHERE replay_id = r.id
) p ON true
WHERE CAST(:id AS uuid) IS NULL OR r.id = CAST(:id AS uuid)
ORDER BY r.created_at DESC
LIMIT 100
