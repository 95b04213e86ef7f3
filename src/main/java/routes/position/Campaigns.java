package routes.position;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;
import routes.event.DomainEvent;

/** Sorts the events of a batch by campaign: however many there are, a campaign is recalculated once. */
@Component
public class Campaigns {

    /** One entry a campaign, in the order in which the campaigns first appear. */
    public List<CampaignEvents> coalesce(List<DomainEvent> events) {
        Map<String, List<DomainEvent>> byCampaign = new LinkedHashMap<>();
        for (DomainEvent event : events) {
            byCampaign
                    .computeIfAbsent(event.campaignId(), campaign -> new ArrayList<>())
                    .add(event);
        }
        return byCampaign.entrySet().stream()
                .map(entry -> new CampaignEvents(entry.getKey(), entry.getValue()))
                .toList();
    }
}
