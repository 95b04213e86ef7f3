package routes.position;

import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import routes.delivery.DeliveryException;
import routes.event.DomainEvent;
import routes.event.EventData.ReferralVerified;
import routes.event.EventData.UserSignedUp;
import routes.event.Ids;

/**
 * A request to recalculate a campaign.
 *
 * @param campaignId the campaign
 * @param events the events of a batch; none when an operator asks
 * @param people the people in the events who can have rows: who referred, who was referred, who signed up
 * @param whole whether to recalculate the whole board, and not only the people in the events
 */
public record CampaignEvents(String campaignId, List<DomainEvent> events, Set<UUID> people, boolean whole)
        implements Iterable<CampaignEvents> {

    /** The events of a batch. */
    public CampaignEvents(String campaignId, List<DomainEvent> events) {
        this(campaignId, events, people(events), false);
    }

    /**
     * An event of a campaign that could not be recalculated when it came. It stands for others of its batch, so the whole
     * board is recalculated.
     */
    public static CampaignEvents of(DomainEvent event) {
        return new CampaignEvents(event.campaignId(), List.of(event), Set.of(), true);
    }

    /** People of a campaign to check again; without people, the next page of the recalculation in progress. */
    public static CampaignEvents again(UUID campaignId, Set<UUID> people) {
        return new CampaignEvents(campaignId.toString(), List.of(), people, false);
    }

    /** A request to recalculate a whole board. */
    public static CampaignEvents whole(String campaignId) {
        return new CampaignEvents(campaignId, List.of(), Set.of(), true);
    }

    /** A campaign is recalculated as a set of one. */
    @Override
    public Iterator<CampaignEvents> iterator() {
        return List.of(this).iterator();
    }

    /**
     * The campaign's id, if it can have a row.
     *
     * @throws DeliveryException.Permanent when it is not a UUID
     */
    public UUID campaign() {
        if (!Ids.isUuid(campaignId)) {
            throw new DeliveryException.Permanent(
                    "there is no campaign %s: its id is not a UUID".formatted(campaignId));
        }
        return UUID.fromString(campaignId);
    }

    /** The event that represents all of them if the recalculation is deferred: the latest, with those that name points first. */
    public DomainEvent latest() {
        return latestWithPoints().orElse(events.get(events.size() - 1));
    }

    /** The events in the order in which they may represent all of them: {@link #latest()} first, then the others, newest first. */
    public List<DomainEvent> newestFirst() {
        List<DomainEvent> order = new ArrayList<>(events);
        Collections.reverse(order);
        DomainEvent latest = latest();
        order.remove(latest);
        order.add(0, latest);
        return order;
    }

    /** How many places a referral is worth, from the latest event that names them; null if none does. */
    public @Nullable Integer points() {
        return latestWithPoints()
                .map(event -> ((ReferralVerified) event.data()).pointsPerReferral())
                .orElse(null);
    }

    /** When that event happened; null if none names points. */
    public @Nullable OffsetDateTime pointsAsOf() {
        return latestWithPoints()
                .map(event -> event.timestamp().atOffset(ZoneOffset.UTC))
                .orElse(null);
    }

    private static Set<UUID> people(List<DomainEvent> events) {
        return events.stream()
                .flatMap(event -> event.data() instanceof ReferralVerified referral
                        ? Stream.of(referral.referrerId(), referral.referredId())
                        : event.data() instanceof UserSignedUp person ? Stream.of(person.userId()) : Stream.empty())
                .filter(Ids::isUuid)
                .map(UUID::fromString)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private Optional<DomainEvent> latestWithPoints() {
        return events.stream()
                .filter(event -> event.data() instanceof ReferralVerified data && data.pointsPerReferral() != null)
                .max(Comparator.comparing(DomainEvent::timestamp));
    }
}
