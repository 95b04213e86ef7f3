package routes.position;

import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import routes.delivery.DeliveryException;
import routes.event.DomainEvent;
import routes.event.EventData.ReferralVerified;
import routes.event.Ids;

/**
 * The events that ask for a campaign to be recalculated.
 *
 * @param campaignId the campaign
 * @param events at least one
 */
public record CampaignEvents(String campaignId, List<DomainEvent> events) {

    /** The events of one campaign that is to be recalculated by itself. */
    public static CampaignEvents of(DomainEvent event) {
        return new CampaignEvents(event.campaignId(), List.of(event));
    }

    /**
     * The campaign's id, of which there can be a row.
     *
     * @throws DeliveryException.Permanent when it is no UUID
     */
    public String campaign() {
        if (!Ids.isUuid(campaignId)) {
            throw new DeliveryException.Permanent("there is no campaign %s: its id is no UUID".formatted(campaignId));
        }
        return campaignId;
    }

    /** The event that stands for all of them where the recalculation is put off: the latest, one that names points before others. */
    public DomainEvent latest() {
        return latestWithPoints().orElse(events.get(events.size() - 1));
    }

    /** Places a referral is worth as the latest event says that names them; null when none does. */
    public @Nullable Integer points() {
        return latestWithPoints()
                .map(event -> ((ReferralVerified) event.data()).pointsPerReferral())
                .orElse(null);
    }

    /** When that event happened; null when none names points. */
    public @Nullable OffsetDateTime pointsAsOf() {
        return latestWithPoints()
                .map(event -> event.timestamp().atOffset(ZoneOffset.UTC))
                .orElse(null);
    }

    private Optional<DomainEvent> latestWithPoints() {
        return events.stream()
                .filter(event -> event.data() instanceof ReferralVerified data && data.pointsPerReferral() != null)
                .max(Comparator.comparing(DomainEvent::timestamp));
    }
}
