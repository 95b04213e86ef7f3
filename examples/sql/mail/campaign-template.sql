-- Templates that a campaign has of its own, here in its email_config: {"templates": {"user.signed_up": {"subject": "..."}}}.
-- Parameters: campaign_id (a uuid), mail (the folder of the mail's templates). At most one row; NULL is taken from the files.
-- More of one than a template may have is not fetched: it is refused all the same.
SELECT left(own.templates ->> 'subject', 1001) AS subject,
       left(own.templates ->> 'text', 200001) AS text,
       left(own.templates ->> 'html', 200001) AS html
FROM campaigns c
CROSS JOIN LATERAL (SELECT c.email_config -> 'templates' -> CAST(:mail AS text)) AS own (templates)
WHERE c.id = :campaign_id AND own.templates IS NOT NULL
