package routes.mail;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import routes.delivery.Delivery;
import routes.delivery.DeliveryException;
import routes.delivery.Outcome;
import routes.delivery.OutcomeListener;
import routes.event.EventData.ReferralVerified;
import routes.settings.Statements;

/**
 * Makes one mail of a person's position updates that come within {@code mail.position-window}. The first one waits in the
 * ledger for so long, and those that come meanwhile are skipped: they are in its mail. Who is in whose mail is in a table,
 * so a crash changes nothing of it, and a mail that is sent again says the same. Where that mail fails for good, so have those
 * that are in it; the first of them that is tried again has a mail of its own, with the others in it.
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
     * In whose mail a delivery is.
     *
     * @param gone whether that one has ended without a mail
     * @param seconds how long that one still waits; null when it does not
     */
    private record Place(
            UUID leader,
            String leaderKey,
            boolean gone,
            @Nullable Double seconds) {}

    /**
     * Lets a position update pass when it is to be sent now.
     *
     * @throws DeliveryException.Later when it is the first of its window, which is still open
     * @throws DeliveryException.Skipped when it is in the mail of another
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

    private Place place(Delivery delivery) {
        var data = (ReferralVerified) delivery.event().data();
        sql.of("mail/window-lock")
                .param("campaign_id", data.campaignId())
                .param("referrer_id", data.referrerId())
                .query()
                .listOfRows();
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

    private Place closedIfOver(Delivery delivery, Place place) {
        if (place.seconds() == null || place.seconds() > 0) {
            return place;
        }
        sql.of("mail/window-close").param("delivery", delivery.id()).update();
        return new Place(place.leader(), place.leaderKey(), false, null);
    }

    /** Of how many verified referrals the mail of a delivery tells. */
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

    /** What is in a mail ends as the mail does. */
    @Override
    public void finished(Delivery delivery, Outcome outcome) {
        sql.of("mail/window-share").param("delivery", delivery.id()).update();
    }
}
