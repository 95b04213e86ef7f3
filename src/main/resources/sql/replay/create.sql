INSERT INTO event_routes.replay
    (consumer_group, policy, topic_partition, range_from, range_to, types, campaign_id, event_id, rate, planned_by)
VALUES (:group, :policy, :partition, :from, :to, string_to_array(:types, ','), :campaign, :event, :rate, :by)
RETURNING id
