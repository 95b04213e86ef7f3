package routes.explain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.OnPlatform;

@OnPlatform
class ExplanationsIT {

    @Autowired
    private Explanations explanations;

    @Autowired
    private JdbcClient jdbc;

    /** Its own row is the last that the index has. */
    @Test
    void ofAnAnnouncementToManyPeopleSomeAreLookedAtAndItsOwnDeliveryIsTheFirst() {
        String event = UUID.randomUUID().toString();
        try {
            record(event, "SELECT CAST(n AS text), 'delivered' FROM generate_series(1, 11000) n");
            record(event, "SELECT CAST(n AS text), 'due' FROM generate_series(11001, 11010) n");
            record(event, "SELECT '', 'delivered'");
            jdbc.sql(
                            "INSERT INTO event_routes.delivery (consumer_group, idempotency_key, event_id, event_type, campaign_id, event, recipient, status)"
                                    + " SELECT 'reward-workers', idempotency_key, event_id, event_type, campaign_id, event, '', 'failed'"
                                    + " FROM event_routes.delivery WHERE event_id = ? AND recipient = ''")
                    .param(event)
                    .update();

            Explained explained = explanations.explain(event);

            Explained.Group group = explained.groups().stream()
                    .filter(its -> its.group().equals("email-workers"))
                    .findFirst()
                    .orElseThrow();
            assertThat(group.state()).isEqualTo("fan-out");
            assertThat(explained.groups().stream()
                            .mapToInt(its -> its.deliveries().size())
                            .sum())
                    .isEqualTo(50);
            assertThat(group.deliveries().get(0).recipient()).isEmpty();
            assertThat(explained.groups())
                    .filteredOn(its -> its.group().equals("reward-workers"))
                    .singleElement()
                    .satisfies(its -> assertThat(its.state()).isEqualTo("failed"));
            assertThat(group.counts().values().stream()
                            .mapToLong(Long::longValue)
                            .sum())
                    .as("of those that were looked at")
                    .isEqualTo(10_000);
            assertThat(explained.notes()).anySatisfy(note -> assertThat(note)
                    .isEqualTo(
                            "it has 10000 deliveries or more, of which only 10000 were looked at: fanouts counts all"));
        } finally {
            jdbc.sql("DELETE FROM event_routes.delivery WHERE event_id = ?")
                    .param(event)
                    .update();
        }
    }

    private void record(String event, String recipients) {
        jdbc.sql("""
                        INSERT INTO event_routes.delivery
                            (consumer_group, idempotency_key, event_id, event_type, campaign_id, event, recipient, status, due_at)
                        SELECT 'email-workers', :event, :event, 'campaign.milestone_reached', 'explained', CAST('{}' AS jsonb),
                               recipient, status, CASE status WHEN 'due' THEN now() + interval '1 day' END
                        FROM (%s) people (recipient, status)
                        """.formatted(recipients)).param("event", event).update();
    }
}
