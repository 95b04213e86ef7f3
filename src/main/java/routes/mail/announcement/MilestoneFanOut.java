package routes.mail.announcement;

import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.stereotype.Component;
import routes.delivery.Delivery;
import routes.delivery.DeliveryException;
import routes.delivery.Outcome;
import routes.event.Ids;
import routes.settings.Statements;

/**
 * Expands a delivery for a campaign into one for each of its active people: page by page, each committed, so that no
 * statement takes long however many people there are, and a crash is continued where it happened.
 */
@Component
public class MilestoneFanOut {

    /** When workers check a mail of a paused fan-out again that they already hold; the rest waits until it is resumed. */
    private static final Duration PAUSE = Duration.ofMinutes(1);

    /** How long one expands at a time: shutdown waits for it, and so does the worker's other work. */
    private static final Duration TURN = Duration.ofSeconds(5);

    private static final int PAGE = 2_000;
    private static final int SMALLEST_PAGE = 50;

    private final Statements sql;
    private final Duration turn;

    @Autowired
    MilestoneFanOut(Statements sql) {
        this(sql, TURN);
    }

    MilestoneFanOut(Statements sql, Duration turn) {
        this.sql = sql;
        this.turn = turn;
    }

    private record State(String state, @Nullable String because) {}

    /**
     * How far it has come.
     *
     * @param recipients how many people are recorded
     * @param complete whether all are recorded
     */
    private record Progress(long recipients, boolean complete) {}

    /**
     * Records one delivery per person, due at once. Idempotent.
     *
     * @throws DeliveryException.Later when there are more people, or an operator has paused it
     * @throws DeliveryException.Skipped when an operator has cancelled it
     * @throws DeliveryException.Permanent when the campaign's id is not a UUID
     */
    public Outcome expand(Delivery delivery) {
        String campaignId = delivery.event().campaignId();
        if (!Ids.isUuid(campaignId)) {
            throw new DeliveryException.Permanent(
                    "there is no campaign %s: its id is not a UUID".formatted(campaignId));
        }
        long start = System.nanoTime();
        int limit = PAGE;
        while (true) {
            requireRunning(delivery);
            try {
                Progress progress = sql.of("mail/announcement/fan-out-milestone")
                        .param("delivery", delivery.id())
                        .param("campaign_id", UUID.fromString(campaignId))
                        .param("limit", limit)
                        .query(Progress.class)
                        .single();
                if (progress.complete()) {
                    return Outcome.delivered("one mail each to %d people".formatted(progress.recipients()), null);
                }
                if (System.nanoTime() - start >= turn.toNanos()) {
                    throw new DeliveryException.Later(
                            "one mail each to %d people so far".formatted(progress.recipients()), Duration.ZERO);
                }
            } catch (QueryTimeoutException e) {
                if (limit <= SMALLEST_PAGE) {
                    throw e;
                }
                limit = Math.max(
                        SMALLEST_PAGE, limit / 4); // the database, or its statement_timeout, needs smaller pages
            }
        }
    }

    /**
     * Lets a delivery pass, for one person or for all, unless an operator has paused or cancelled its fan-out.
     *
     * @throws DeliveryException.Later when it is paused
     * @throws DeliveryException.Skipped when it is cancelled, or is gone before one of its mails, so that nobody can say
     */
    public Delivery requireRunning(Delivery delivery) {
        State fanOut = sql.of("mail/announcement/fan-out-of")
                .param("delivery", delivery.id())
                .query(State.class)
                .optional()
                .orElseGet(() -> without(delivery));
        if (fanOut.state().equals(AnnouncementOperations.PAUSED)) {
            throw new DeliveryException.Later(String.valueOf(fanOut.because()), PAUSE);
        }
        if (fanOut.state().equals(AnnouncementOperations.CANCELLED)) {
            throw new DeliveryException.Skipped(AnnouncementOperations.WAS_CANCELLED);
        }
        return delivery;
    }

    private static State without(Delivery delivery) {
        if (!delivery.recipient().isEmpty()) { // recorded together with the fan-out
            throw new DeliveryException.Skipped(
                    "the announcement is no longer in the ledger, and may have been paused or cancelled");
        }
        return new State(AnnouncementOperations.RUNNING, null); // not expanded yet
    }
}
