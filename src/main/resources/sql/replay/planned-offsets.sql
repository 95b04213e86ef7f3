-- Which of these records are those by which campaigns are to be recalculated.
SELECT record_offset
FROM event_routes.replay_subject
WHERE replay_id = :id AND topic_partition = :partition AND record_offset BETWEEN :first AND :last
