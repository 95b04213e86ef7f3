-- The first dead letter of a group that no topic accepted, from an id on.
SELECT id, topic, partition, record_offset, record_timestamp, reason, created_at,
       coalesce(octet_length(value), 0) AS size, key, value, header_names, header_values
FROM event_routes.dead_letter
WHERE consumer_group = :group AND id >= :id
ORDER BY id
LIMIT 1
