-- Whether nobody knows how an attempt ended, which may have delivered the reward: a crash cut it off, or it was not answered.
SELECT EXISTS (SELECT
               FROM event_routes.delivery_attempt
               WHERE delivery_id = :delivery
                 AND (ended_at IS NULL OR outcome = 'due' AND code IS NULL AND reason NOT LIKE 'no connection %'))
