-- The topic that this ledger belongs to: the first one that claims it.
INSERT INTO event_routes.ledger_topic (topic) VALUES (:topic)
ON CONFLICT (only_row) DO UPDATE SET topic = ledger_topic.topic
RETURNING topic
