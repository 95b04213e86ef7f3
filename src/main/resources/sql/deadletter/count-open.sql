-- How many dead letters of a group are open: those in its topic (in :partitions, from :begins to before :ends) and in the database,
-- without those that somebody has handled. What was done with a letter that is gone does not count, nor with one at the same offset of a
-- topic that was recreated: it was kept before :since.
WITH shelf AS (
    SELECT * FROM unnest(CAST(:partitions AS text[]), CAST(:begins AS bigint[]), CAST(:ends AS bigint[]), CAST(:since AS timestamptz[]))
                      AS s (name, first, past, since)
), done AS (
    SELECT letter, letter_at, split_part(letter, '-', 1) AS shelf, CAST(split_part(letter, '-', 2) AS bigint) AS place
    FROM event_routes.dead_letter_action
    WHERE consumer_group = :group
)
SELECT greatest(0, (SELECT CAST(coalesce(sum(past - first), 0) AS bigint) FROM shelf)
    + (SELECT count(*) FROM event_routes.dead_letter WHERE consumer_group = :group)
    - (SELECT count(DISTINCT letter) FROM done
       WHERE EXISTS (SELECT FROM shelf WHERE done.shelf = name AND place >= first AND place < past AND letter_at >= since)
          OR EXISTS (SELECT FROM event_routes.dead_letter WHERE done.shelf = 'db' AND place = id)))
