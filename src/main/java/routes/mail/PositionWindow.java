package routes.mail;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import routes.delivery.Delivery;
import routes.delivery.DeliveryException;
import routes.delivery.DeliveryStatus;
import routes.delivery.Ended;
import routes.delivery.OutcomeListener;
import routes.event.EventData.ReferralVerified;
import routes.settings.Statements;

/**
 * Merges a person's position updates within {@code mail.position-window} into one mail. The first one, the leader, waits in
 * the ledger for that time; later ones are skipped and counted in its mail. A table records who is in whose mail, so a crash
 * changes nothing, and a repeated mail says the same. If that mail fails for good, all its members fail; the first of them
 * that is retried gets a new mail that includes the others.
 */
@Component
public class PositionWindow implements OutcomeListener {

    private final Statements sql;
    private final TransactionTemplate transaction;
    private final Duration length;

    PositionWindow(TransactionTemplate transaction, MailSettings settings, Statements sql) {
        this.sql = sql;
        this.transaction = transaction;
        this.length = settings.positionWindow();
    }

    /**
     * The window of a delivery, and its leader.
     *
     * @param gone whether the leader has ended without a mail
     * @param seconds how long the leader still waits; null if it does not
     */
    private record Place(
            UUID leader,
            String leaderKey,
            boolean gone,
            @Nullable Double seconds) {}

    /**
     * Lets a position update pass if it should be sent now.
     *
     * @throws DeliveryException.Later when it is the first of its window, which is still open
     * @throws DeliveryException.Skipped when another one's mail includes it
     */
    public Delivery gather(Delivery delivery) {
        if (length.isZero()) {
            return delivery;
        }
        Place place = Objects.requireNonNull(transaction.execute(status -> place(delivery)));
        if (!place.leader().equals(delivery.id())) {
            throw new DeliveryException.Skipped("in the mail of " + place.leaderKey());
        }
        if (place.seconds() != null) {
            Duration wait = Duration.ofMillis((long) Math.ceil(place.seconds() * 1000));
            throw new DeliveryException.Later("waits for more referrals", wait);
        }
        return delivery;
    }

    private void lock(ReferralVerified data) {
        sql.of("mail/window-lock")
                .param("campaign_id", data.campaignId())
                .param("referrer_id", data.referrerId())
                .query()
                .listOfRows();
    }

    private Place place(Delivery delivery) {
        var data = (ReferralVerified) delivery.event().data();
        lock(data);
        Optional<Place> known = placeOf(delivery);
        if (known.isPresent() && known.get().gone() && !known.get().leader().equals(delivery.id())) {
            sql.of("mail/window-take-over").param("delivery", delivery.id()).update();
            return placeOf(delivery).orElseThrow();
        }
        if (known.isPresent()) {
            return closedIfOver(delivery, known.get());
        }
        UUID leader = sql.of("mail/window-open")
                .param("campaign_id", data.campaignId())
                .param("referrer_id", data.referrerId())
                .query(Place.class)
                .optional()
                .map(Place::leader)
                .orElse(delivery.id());
        sql.of("mail/window-enter")
                .param("delivery", delivery.id())
                .param("leader", leader)
                .param("campaign_id", data.campaignId())
                .param("referrer_id", data.referrerId())
                .param("seconds", leader.equals(delivery.id()) ? length.toMillis() / 1000.0 : null)
                .update();
        return placeOf(delivery).orElseThrow();
    }

    private Optional<Place> placeOf(Delivery delivery) {
        return sql.of("mail/window-of")
                .param("delivery", delivery.id())
                .query(Place.class)
                .optional();
    }

    /** Also if the rest is longer than the whole: the database's clock was set back. */
    private Place closedIfOver(Delivery delivery, Place place) {
        if (place.seconds() == null || (place.seconds() > 0 && place.seconds() <= length.toMillis() / 1000.0)) {
            return place;
        }
        sql.of("mail/window-close").param("delivery", delivery.id()).update();
        return new Place(place.leader(), place.leaderKey(), false, null);
    }

    /** How many verified referrals the mail of a delivery includes. */
    int friends(Delivery delivery) {
        int gathered = sql.of("mail/window-count")
                .param("delivery", delivery.id())
                .query(Integer.class)
                .single();
        return Math.max(1, gathered);
    }

    @Override
    public String group() {
        return "email-workers";
    }

    @Override
    public boolean concerns(Delivery delivery) {
        return !length.isZero() && delivery.event().data() instanceof ReferralVerified;
    }

    /** If a mail fails while another one's delivery joins it, whichever of the two ends last sees the other. */
    @Override
    public List<Ended> lock(List<Ended> ended) {
        ended.stream()
                .filter(one -> one.outcome().status() == DeliveryStatus.FAILED
                        || one.outcome().status() == DeliveryStatus.SKIPPED)
                .map(one -> one.delivery().event().data())
                .filter(ReferralVerified.class::isInstance)
                .map(ReferralVerified.class::cast)
                .sorted(Comparator.comparing(ReferralVerified::campaignId).thenComparing(ReferralVerified::referrerId))
                .forEach(this::lock);
        return ended;
    }

    /** The members of a mail end with the mail's outcome. */
    @Override
    public void finished(List<Ended> ended) {
        ended.forEach(one -> sql.of("mail/window-share")
                .param("delivery", one.delivery().id())
                .update());
    }
}
