-- Tells the service who left a board or came back, by a trigger, for an application whose code shall not change. It writes a row when
-- somebody is blocked or deleted, returns, or is removed, and none for any other change. Its transaction's role needs these rights:
--
--   GRANT USAGE ON SCHEMA event_routes TO app;
--   GRANT INSERT ON event_routes.person_change TO app;
CREATE FUNCTION person_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO event_routes.person_change (campaign_id, user_id) VALUES (old.campaign_id, old.id);
    RETURN NULL;
END $$;

CREATE TRIGGER person_left_or_returned
AFTER UPDATE OF status, deleted_at ON waitlist_users
FOR EACH ROW
WHEN ((old.status = 'blocked' OR old.deleted_at IS NOT NULL) IS DISTINCT FROM (new.status = 'blocked' OR new.deleted_at IS NOT NULL))
EXECUTE FUNCTION person_changed();

CREATE TRIGGER person_removed
AFTER DELETE ON waitlist_users
FOR EACH ROW
EXECUTE FUNCTION person_changed();
