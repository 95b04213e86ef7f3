package routes.mail;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import routes.delivery.Delivery;
import routes.delivery.DeliveryException;
import routes.delivery.Outcome;
import routes.delivery.OutcomeListener;
import routes.event.EventData.ReferralVerified;
import routes.settings.SqlFiles;

/**
 * Makes one mail of a person's position updates that come within {@code mail.position-window}. The first one waits in the
 * ledger for so long, and those that come meanwhile are skipped: they are in its mail. Who is in whose mail is in a table,
 * so a crash changes nothing of it, and a mail that is sent again says the same. Where that mail fails for good, so have those
 * that are in it; the first of them that is tried again has a mail of its own, with the others in it.
 */
@Component
public class PositionWindow implements OutcomeListener {

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Duration length;
    private final String lock;
    private final String find;
    private final String findOpen;
    private final String enter;
    private final String close;
    private final String count;
    private final String takeOver;
    private final String share;

    PositionWindow(JdbcClient jdbc, TransactionTemplate transaction, MailSettings settings, SqlFiles sql) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.length = settings.positionWindow();
        this.lock = sql.read("mail/window-lock.sql");
        this.find = sql.read("mail/window-of.sql");
        this.findOpen = sql.read("mail/window-open.sql");
        this.enter = sql.read("mail/window-enter.sql");
        this.close = sql.read("mail/window-close.sql");
        this.count = sql.read("mail/window-count.sql");
        this.takeOver = sql.read("mail/window-take-over.sql");
        this.share = sql.read("mail/window-share.sql");
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
            throw new DeliveryException.Later("waits for more referrals to tell of", wait);
        }
        return delivery;
    }

    private Place place(Delivery delivery) {
        var data = (ReferralVerified) delivery.event().data();
        jdbc.sql(lock)
                .param("campaign_id", data.campaignId())
                .param("referrer_id", data.referrerId())
                .query()
                .listOfRows();
        Optional<Place> known = placeOf(delivery);
        if (known.isPresent() && known.get().gone() && !known.get().leader().equals(delivery.id())) {
            jdbc.sql(takeOver).param("delivery", delivery.id()).update();
            return placeOf(delivery).orElseThrow();
        }
        if (known.isPresent()) {
            return closedIfOver(delivery, known.get());
        }
        UUID leader = jdbc.sql(findOpen)
                .param("campaign_id", data.campaignId())
                .param("referrer_id", data.referrerId())
                .query(Place.class)
                .optional()
                .map(Place::leader)
                .orElse(delivery.id());
        jdbc.sql(enter)
                .param("delivery", delivery.id())
                .param("leader", leader)
                .param("campaign_id", data.campaignId())
                .param("referrer_id", data.referrerId())
                .param("seconds", leader.equals(delivery.id()) ? length.toMillis() / 1000.0 : null)
                .update();
        return placeOf(delivery).orElseThrow();
    }

    private Optional<Place> placeOf(Delivery delivery) {
        return jdbc.sql(find)
                .param("delivery", delivery.id())
                .query(Place.class)
                .optional();
    }

    private Place closedIfOver(Delivery delivery, Place place) {
        if (place.seconds() == null || place.seconds() > 0) {
            return place;
        }
        jdbc.sql(close).param("delivery", delivery.id()).update();
        return new Place(place.leader(), place.leaderKey(), false, null);
    }

    /** Of how many verified referrals the mail of a delivery tells. */
    int friends(Delivery delivery) {
        int gathered = jdbc.sql(count)
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
        jdbc.sql(share).param("delivery", delivery.id()).update();
    }
}
