package routes;

import org.springframework.jdbc.core.simple.JdbcClient;
import routes.event.DomainEvent;

/**
 * Keeps the deliveries of an event from coming to the end of their schedule while a test does something: in tests a schedule is over in a
 * second, which may be less than a busy machine takes to bring a server back. They are tried twice, then they wait, and stay young.
 */
public final class Unhurried implements AutoCloseable {

    private final JdbcClient jdbc;
    private final String event;

    private Unhurried(JdbcClient jdbc, String event) {
        this.jdbc = jdbc;
        this.event = event;
    }

    /** From now on, also those that are not recorded yet. */
    public static Unhurried deliveriesOf(DomainEvent event, JdbcClient jdbc) {
        jdbc.sql("""
                CREATE OR REPLACE FUNCTION event_routes.unhurried() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF NEW.event_id = '%s' THEN
                        NEW.created_at := now() + interval '1 hour';
                        IF NEW.status = 'due' AND NEW.attempts >= 2 THEN
                            NEW.due_at := now() + interval '1 hour';
                        END IF;
                    END IF;
                    RETURN NEW;
                END $$""".formatted(event.id())).update();
        jdbc.sql("CREATE TRIGGER unhurried BEFORE INSERT OR UPDATE ON event_routes.delivery"
                        + " FOR EACH ROW EXECUTE FUNCTION event_routes.unhurried()")
                .update();
        return new Unhurried(jdbc, event.id());
    }

    /** They go on, at once. */
    @Override
    public void close() {
        jdbc.sql("DROP FUNCTION event_routes.unhurried() CASCADE").update();
        jdbc.sql(
                        "UPDATE event_routes.delivery SET created_at = now(), due_at = CASE WHEN status = 'due' THEN now() ELSE due_at END"
                                + " WHERE event_id = ?")
                .param(event)
                .update();
    }
}
