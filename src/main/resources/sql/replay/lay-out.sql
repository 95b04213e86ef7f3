INSERT INTO event_routes.replay_partition (replay_id, topic_partition, first_offset, end_offset, next_offset)
VALUES (:id, :partition, :first, :end, :first)
