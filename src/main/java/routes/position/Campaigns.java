package routes.position;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;
import routes.event.DomainEvent;

/** Groups the events of a batch by campaign, so that each campaign is recalculated once. */
@Component
public class Campaigns {

    /** One entry per campaign, in order of first appearance. */
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
