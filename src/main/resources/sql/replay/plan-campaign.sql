-- Records the event that recalculates a campaign: the latest, with those that name points first.
INSERT INTO event_routes.replay_subject (replay_id, subject, topic_partition, record_offset, as_of)
VALUES (:id, :campaign, :partition, :offset, :as_of)
ON CONFLICT (replay_id, subject) DO UPDATE
SET topic_partition = excluded.topic_partition, record_offset = excluded.record_offset, as_of = excluded.as_of
WHERE replay_subject.as_of IS NULL OR excluded.as_of > replay_subject.as_of
