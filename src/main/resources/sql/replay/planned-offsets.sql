-- Which of these records are the ones that recalculate campaigns.
SELECT record_offset
FROM event_routes.replay_subject
WHERE replay_id = :id AND topic_partition = :partition AND record_offset BETWEEN :first AND :last
