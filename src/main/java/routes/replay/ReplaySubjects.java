package routes.replay;

import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import routes.settings.Statements;

/**
 * What plans have seen, a row for each key or campaign: of no more use when a plan is complete, or a replay has ended. There may be millions
 * for one replay, so no replay waits until they are deleted.
 */
@Component
public class ReplaySubjects {

    private static final int PAGE = 10_000;
    private static final int PAGES_AT_ONCE = 10;

    private final Statements sql;

    ReplaySubjects(Statements sql) {
        this.sql = sql;
    }

    private record Page(int rows, @Nullable String upTo) {}

    /**
     * Deletes what no replay needs any more, in small statements, a limited number per call. What is left after a crash or a failure is
     * deleted by the next call, of any instance.
     *
     * @return whether there is more
     */
    public boolean forget() {
        return forgetInPages(PAGE);
    }

    boolean forgetInPages(int size) {
        int pages = 0;
        for (UUID id : sql.of("replay/forgettable").query(UUID.class).list()) {
            String after = "";
            while (after != null) {
                if (pages++ == PAGES_AT_ONCE) {
                    return true;
                }
                after = forgetPage(id, after, size);
            }
        }
        return false;
    }

    /** Returns the last subject that was deleted; null if there are no more. */
    private @Nullable String forgetPage(UUID id, String after, int size) {
        Page forgotten = sql.of("replay/forget-subjects", "id", id, "after", after, "limit", size)
                .query(Page.class)
                .single();
        return forgotten.rows() == size ? forgotten.upTo() : null;
    }
}
