-- Dead letters of a group that no topic accepted, newest first, without the large columns.
SELECT id, topic, partition, record_offset, record_timestamp, reason, created_at,
       coalesce(octet_length(value), 0) AS size
FROM event_routes.dead_letter
WHERE consumer_group = :group AND id < :before
ORDER BY id DESC
LIMIT :limit
