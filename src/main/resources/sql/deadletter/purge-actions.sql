-- Deletes what was done with dead letters of a group that are older than the topics' retention, and gone: from the table, or before the
-- beginning of their partition (:partitions, :begins), or of a topic that was recreated (:since). Kafka deletes whole segments, and may keep
-- a letter for longer.
DELETE FROM event_routes.dead_letter_action
WHERE consumer_group = :group
  AND letter_at < now() - make_interval(secs => :age)
  AND CASE split_part(letter, '-', 1)
      WHEN 'db' THEN NOT EXISTS (SELECT FROM event_routes.dead_letter WHERE id = CAST(split_part(letter, '-', 2) AS bigint))
      ELSE EXISTS (
          SELECT FROM unnest(CAST(:partitions AS text[]), CAST(:begins AS bigint[]), CAST(:since AS timestamptz[]))
                          AS shelf (name, first, since)
          WHERE split_part(letter, '-', 1) = name AND (CAST(split_part(letter, '-', 2) AS bigint) < first OR letter_at < since))
      END
