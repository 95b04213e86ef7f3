package routes;

import java.util.List;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.event.DomainEvent;

/** Makes the ledger refuse events, as a constraint would that nobody thought of. */
public final class RefusingTrigger {

    /** What is done while they are refused. */
    @FunctionalInterface
    public interface Action {
        void run() throws Exception;
    }

    private RefusingTrigger() {}

    /** Refuses each row of these events while something is done. */
    public static void during(JdbcClient jdbc, List<DomainEvent> events, Action action) throws Exception {
        String ids = events.stream().map(event -> "'" + event.id() + "'").collect(Collectors.joining(","));
        jdbc.sql("""
                CREATE OR REPLACE FUNCTION event_routes.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF NEW.event_id IN (%s) THEN
                        RAISE EXCEPTION 'refused by a test';
                    END IF;
                    RETURN NEW;
                END $$""".formatted(ids)).update();
        jdbc.sql("CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON event_routes.delivery"
                        + " FOR EACH ROW EXECUTE FUNCTION event_routes.refuse()")
                .update();
        try {
            action.run();
        } finally {
            jdbc.sql("DROP FUNCTION event_routes.refuse() CASCADE").update();
        }
    }
}
