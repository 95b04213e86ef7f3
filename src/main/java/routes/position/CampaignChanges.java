package routes.position;

import java.util.List;

/**
 * People of a campaign who left its board or came back.
 *
 * @param people the people to recalculate
 * @param rows the ids of the rows of {@code person_change} that name them
 */
public record CampaignChanges(CampaignEvents people, List<Long> rows) {}
