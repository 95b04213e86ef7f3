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
 * What asks for a campaign to be recalculated.
 *
 * @param campaignId the campaign
 * @param events those of a batch; none when somebody asks for it
 * @param people the people whom the events name and of whom there can be rows: who referred, who was referred, who signed up
 * @param whole whether the whole board is to be recalculated, and not only the people that the events name
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

    /** People of a campaign who are to be looked at once more; without people, the next page of what is under way. */
    public static CampaignEvents again(UUID campaignId, Set<UUID> people) {
        return new CampaignEvents(campaignId.toString(), List.of(), people, false);
    }

    /** A campaign whose whole board is to be recalculated. */
    public static CampaignEvents whole(String campaignId) {
        return new CampaignEvents(campaignId, List.of(), Set.of(), true);
    }

    /** A campaign is recalculated as a set of one. */
    @Override
    public Iterator<CampaignEvents> iterator() {
        return List.of(this).iterator();
    }

    /**
     * The campaign's id, of which there can be a row.
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

    /** The event that stands for all of them where the recalculation is put off: the latest, one that names points before others. */
    public DomainEvent latest() {
        return latestWithPoints().orElse(events.get(events.size() - 1));
    }

    /** The events in the order in which they may stand for all of them: {@link #latest()} first, then the others, newest first. */
    public List<DomainEvent> newestFirst() {
        List<DomainEvent> order = new ArrayList<>(events);
        Collections.reverse(order);
        DomainEvent latest = latest();
        order.remove(latest);
        order.add(0, latest);
        return order;
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
