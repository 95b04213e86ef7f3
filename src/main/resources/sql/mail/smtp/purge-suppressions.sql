WITH before AS (
    DELETE FROM event_routes.suppression WHERE until < now()
)
DELETE FROM event_routes.mail_suppression WHERE until < now() AND until < 'infinity'  -- as its index says
