-- Whether nobody knows how an attempt ended, which may have delivered the reward: a crash cut it off, it was not answered, not even the
-- last one, or its receiver has accepted the reward but not delivered it yet (202). The reasons that are listed are of attempts that sent
-- nothing, or whose mail had not been handed over when the server was lost.
SELECT EXISTS (SELECT
               FROM event_routes.delivery_attempt
               WHERE delivery_id = :delivery
                 AND (ended_at IS NULL
                      OR outcome = 'manual' AND code IS NOT NULL
                      OR code IS NULL AND (outcome = 'due' OR reason LIKE 'gave up after %')
                         AND reason !~ '^(gave up after \d+ attempts: )?(no connection |not sent: |there is no |the SMTP server)'))
