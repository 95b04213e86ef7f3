package routes.position;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;
import routes.event.DomainEvent;

/** Groups the events of a batch by campaign, so that each campaign is recalculated once. */
@Component
public class Campaigns {

    /** How many campaigns share a transaction: each takes one of the server's locks, and what fails is done again. */
    private static final int TOGETHER = 100;

    /** One entry per campaign, in order of first appearance. */
    public List<CampaignEvents> coalesce(List<DomainEvent> events) {
        Map<String, List<DomainEvent>> byCampaign = events.stream()
                .collect(Collectors.groupingBy(DomainEvent::campaignId, LinkedHashMap::new, Collectors.toList()));
        return byCampaign.entrySet().stream()
                .map(entry -> new CampaignEvents(entry.getKey(), entry.getValue()))
                .toList();
    }

    /** The campaigns of a batch in sets; a single one is not a set. */
    public List<Iterable<CampaignEvents>> sets(List<CampaignEvents> batch) {
        List<Iterable<CampaignEvents>> sets = new ArrayList<>();
        for (int from = 0; from < batch.size(); from += TOGETHER) {
            List<CampaignEvents> set = batch.subList(from, Math.min(from + TOGETHER, batch.size()));
            sets.add(set.size() == 1 ? set.get(0) : new CampaignSet(set));
        }
        return sets;
    }
}
