-- Keeps a dead letter that its topic does not accept. The same record again, after a crash, is the same row.
INSERT INTO event_routes.dead_letter
    (consumer_group, topic, partition, record_offset, record_timestamp, record_timestamp_type, key, value, header_names, header_values, reason)
VALUES (:group, :topic, :partition, :offset, :timestamp, :timestampType, :key, :value, :headerNames, :headerValues, :reason)
ON CONFLICT (consumer_group, topic, partition, record_offset, record_timestamp) DO NOTHING
