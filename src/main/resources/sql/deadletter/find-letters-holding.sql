-- The dead letters that contain a text, among the newest of a group.
SELECT id, topic, partition, record_offset, record_timestamp, reason, size, created_at
FROM (SELECT id, topic, partition, record_offset, record_timestamp, reason, coalesce(octet_length(value), 0) AS size, created_at,
             value, header_values
      FROM event_routes.dead_letter
      WHERE consumer_group = :group
      ORDER BY id DESC
      LIMIT :among) newest
WHERE position(convert_to(:text, 'UTF8') IN value) > 0
   OR EXISTS (SELECT FROM unnest(header_values) AS header (content) WHERE position(convert_to(:text, 'UTF8') IN content) > 0)
