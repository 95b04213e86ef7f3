package routes.delivery;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;
import routes.background.Pace;

/**
 * Searches for due deliveries. What was taken stays in the index for as long as a snapshot of the database may need it: while a dump runs
 * for an hour, a search from the beginning passes over all that was taken in that hour. So a search begins where the last one ended, and at
 * the beginning whenever the {@linkplain Pace pace} allows it: each time, while that is quick. What is due earlier than something that was
 * taken, as its transaction committed late or its dependency was down, is found then.
 */
@Component
public class DueSearch {

    private final Take ledger;
    private final LongSupplier nanoTime;
    private final Map<String, OfGroup> groups = new ConcurrentHashMap<>();

    @Autowired
    DueSearch(DeliveryLedger ledger) {
        this(ledger::takeDue, System::nanoTime);
    }

    /**
     * A search that remembers nothing yet.
     *
     * @param nanoTime as {@link System#nanoTime()}
     */
    DueSearch(Take ledger, LongSupplier nanoTime) {
        this.ledger = ledger;
        this.nanoTime = nanoTime;
    }

    /** {@link DeliveryLedger#takeDue}. */
    @FunctionalInterface
    interface Take {
        TakenDue due(String group, int limit, DueMarks from);
    }

    private final class OfGroup {
        private final String name;
        private final Pace whole = new Pace(nanoTime);
        private DueMarks marks = DueMarks.BEGINNING;

        private OfGroup(String name) {
            this.name = name;
        }

        private synchronized List<Delivery> take(int limit) {
            TakenDue taken = whole.isDue()
                    ? whole.run(() -> ledger.due(name, limit, DueMarks.BEGINNING))
                    : ledger.due(name, limit, marks.withoutBeginning());
            marks = marks.after(taken.last(), taken.full());
            return taken.deliveries();
        }
    }

    /**
     * Takes due deliveries of a group, leased to this instance.
     *
     * @param limit how many at most
     */
    public List<Delivery> take(String group, int limit) {
        return groups.computeIfAbsent(group, OfGroup::new).take(limit);
    }
}
