package routes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.event.DomainEvent;
import routes.event.EventData;
import routes.event.EventData.CampaignMilestoneReached;
import routes.event.EventData.ReferralVerified;
import routes.event.EventData.RewardEarned;
import routes.event.EventData.UserSignedUp;
import routes.event.Events;

/** Events at the limits of what is read: none of them may be what a table, an index or a query cannot take, or its batch would never end. */
@OnPlatform
class ExtremeEventsIT {

    private static final String LONGEST_ID = "Z".repeat(90) + Events.id() + "..";
    private static final String LONGEST_EMAIL = "x".repeat(64) + "@" + "y.".repeat(93) + "com";

    @Autowired
    private Pipeline pipeline;

    @Autowired
    private JdbcClient jdbc;

    @Test
    void whatIsReadIsRecordedAndCarriedOut() throws Exception {
        Instant latest = Instant.now().plus(Duration.ofHours(23));
        List<DomainEvent> events = Stream.of(
                        signedUp(LONGEST_ID, LONGEST_EMAIL),
                        signedUp(":", "\uffff@\ufdd0.example"),
                        signedUp("..", "'%s--@example.com"),
                        milestone("\uffff\ufffe\ufdd0\u202e".repeat(63)),
                        milestone("\ud83d\ude00".repeat(127)),
                        milestone("\\u0000 \\x00 %s ${body} {{mail.from}} '; DROP TABLE delivery"),
                        new ReferralVerified(Events.id(), LONGEST_ID, "-", LONGEST_ID, 1_000_000),
                        new ReferralVerified(Events.id(), Events.id(), Events.id(), Events.id(), 0),
                        new RewardEarned(LONGEST_ID, LONGEST_ID, LONGEST_ID, LONGEST_ID))
                .flatMap(data -> Stream.of(
                        new DomainEvent(Events.id(), LONGEST_ID, data, latest),
                        new DomainEvent(Events.id(), "a", data, Instant.parse("2000-01-01T00:00:00.000000001Z"))))
                .toList();

        pipeline.write(records(events));
        pipeline.awaitDrained();

        assertThat(jdbc.sql("SELECT DISTINCT event_id FROM event_routes.delivery WHERE event_id IN (:ids)")
                        .param("ids", events.stream().map(DomainEvent::id).toList())
                        .query(String.class)
                        .list())
                .as("one of the two that say the same")
                .hasSize(events.size() / 2);
    }

    private static EventData signedUp(String user, String email) {
        return new UserSignedUp(user, Events.id(), email);
    }

    private static EventData milestone(String milestone) {
        return new CampaignMilestoneReached(Events.id(), milestone, Integer.MAX_VALUE);
    }

    private List<ProducerRecord<byte[], byte[]>> records(List<DomainEvent> events) {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (DomainEvent event : events) {
            records.add(new ProducerRecord<>(
                    pipeline.topic(),
                    event.campaignId().getBytes(UTF_8),
                    Events.json(event, json -> {}).toString().getBytes(UTF_8)));
        }
        return records;
    }
}
