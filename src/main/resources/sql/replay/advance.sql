UPDATE event_routes.replay_partition SET next_offset = :next WHERE replay_id = :id AND topic_partition = :partition
