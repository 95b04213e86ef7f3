package routes.mail;

import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import routes.delivery.Delivery;
import routes.delivery.DeliveryException;
import routes.delivery.Outcome;
import routes.event.Ids;
import routes.settings.SqlFiles;

/** Makes a delivery for each active person of a campaign out of one for the campaign, in one statement. */
@Component
public class MilestoneFanOut {

    /** When what is in hand of a paused fan-out is looked at again; the rest waits until it is resumed. */
    private static final Duration PAUSE = Duration.ofMinutes(1);

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final String expand;
    private final String record;
    private final String find;

    MilestoneFanOut(JdbcClient jdbc, TransactionTemplate transaction, SqlFiles sql) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.expand = sql.read("mail/fan-out-milestone.sql");
        this.record = sql.read("mail/record-fan-out.sql");
        this.find = sql.read("mail/fan-out-of.sql");
    }

    private record State(String state, @Nullable String because) {}

    /**
     * Records a delivery a person, due at once. Done twice, it finds the people recorded.
     *
     * @throws DeliveryException.Permanent when the campaign's id is one that no row has
     */
    public Outcome expand(Delivery delivery) {
        String campaignId = delivery.event().campaignId();
        if (!Ids.isUuid(campaignId)) {
            throw new DeliveryException.Permanent("there is no campaign %s: its id is no UUID".formatted(campaignId));
        }
        Long people = transaction.execute(status -> {
            int recorded = jdbc.sql(expand)
                    .param("delivery", delivery.id())
                    .param("campaign_id", UUID.fromString(campaignId))
                    .update();
            return jdbc.sql(record)
                    .param("delivery", delivery.id())
                    .param("recipients", recorded)
                    .query(Long.class)
                    .single();
        });
        return Outcome.delivered("one mail each to %d people".formatted(Objects.requireNonNull(people)), null);
    }

    /**
     * Lets a delivery to one person pass, unless an operator has paused or cancelled its fan-out.
     *
     * @throws DeliveryException.Later when it is paused
     * @throws DeliveryException.Skipped when it is cancelled
     */
    public Delivery requireRunning(Delivery delivery) {
        State fanOut = jdbc.sql(find)
                .param("delivery", delivery.id())
                .query(State.class)
                .optional()
                .orElse(new State(FanOuts.RUNNING, null)); // expanded before there was this table
        if (fanOut.state().equals(FanOuts.PAUSED)) {
            throw new DeliveryException.Later(String.valueOf(fanOut.because()), PAUSE);
        }
        if (fanOut.state().equals(FanOuts.CANCELLED)) {
            throw new DeliveryException.Skipped(String.valueOf(fanOut.because()));
        }
        return delivery;
    }
}
