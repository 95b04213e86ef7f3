-- Templates that a campaign has of its own, here in its email_config: {"templates": {"user.signed_up": {"subject": "..."}}}.
-- Parameters: campaign_id (a uuid), mail (the folder of the mail's templates). At most one row; NULL is taken from the files.
SELECT own.templates ->> 'subject' AS subject, own.templates ->> 'text' AS text, own.templates ->> 'html' AS html
FROM campaigns c
CROSS JOIN LATERAL (SELECT c.email_config -> 'templates' -> CAST(:mail AS text)) AS own (templates)
WHERE c.id = :campaign_id AND own.templates IS NOT NULL
