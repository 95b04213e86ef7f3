package routes.position;

import java.util.Iterator;
import java.util.List;
import routes.event.DomainEvent;

/** Campaigns of a batch that are recalculated in one transaction; if one of them fails, all do. */
public record CampaignSet(List<CampaignEvents> campaigns) implements Iterable<CampaignEvents> {

    @Override
    public Iterator<CampaignEvents> iterator() {
        return campaigns.iterator();
    }

    /** The events of all of them. */
    public List<DomainEvent> events() {
        return campaigns.stream()
                .flatMap(campaign -> campaign.events().stream())
                .toList();
    }
}
