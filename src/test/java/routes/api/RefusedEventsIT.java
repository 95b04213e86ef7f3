package routes.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.OnPlatform;
import routes.Pipeline;
import routes.RefusingTrigger;
import routes.dev.Inbox;
import routes.dev.ReceivedMail;
import routes.event.DomainEvent;
import routes.event.EventData.ReferralVerified;
import routes.event.EventData.UserSignedUp;
import routes.event.EventJson;
import routes.event.Events;

/** Events that can be read and that the database does not take: they become dead letters of their group, and stop no consumer. */
@OnPlatform
class RefusedEventsIT {

    @Autowired
    private Pipeline pipeline;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private Inbox inbox;

    @Test
    void aRefusedEventIsADeadLetterOfEachGroupThatHandlesItAndTheOthersHaveTheirEffect() throws Exception {
        List<DomainEvent> good = List.of(Events.signedUp(Events.email()), Events.signedUp(Events.email()));
        DomainEvent refused = Events.signedUp(Events.email());
        // Of a campaign that is not there: it goes to the ledger of position-workers.
        DomainEvent refusedByTwo =
                Events.of(new ReferralVerified(Events.id(), Events.id(), Events.id(), Events.id(), null));
        List<DomainEvent> events = List.of(good.get(0), refused, refusedByTwo, good.get(1));

        RefusingTrigger.during(jdbc, List.of(refused, refusedByTwo), () -> {
            List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
            for (DomainEvent event : events) {
                records.add(new ProducerRecord<>(
                        pipeline.topic(),
                        5,
                        event.id().getBytes(UTF_8),
                        EventJson.mapper().writeValueAsBytes(event)));
            }
            pipeline.write(records);
            pipeline.awaitDrained();
        });

        assertThat(deadLetters("email-workers")).contains(refused.id(), refusedByTwo.id());
        assertThat(deadLetters("position-workers")).contains(refusedByTwo.id()).doesNotContain(refused.id());
        assertThat(inbox.list())
                .extracting(ReceivedMail::to)
                .contains(email(good.get(0)), email(good.get(1)))
                .doesNotContain(email(refused));
    }

    /** The keys of the dead letters that the ledger refused. */
    private List<String> deadLetters(String group) {
        return pipeline.read("%s.%s.dlq".formatted(pipeline.topic(), group), 0).stream()
                .filter(letter -> reason(letter).startsWith("the ledger refused it"))
                .map(letter -> new String(letter.key(), UTF_8))
                .toList();
    }

    private static String reason(ConsumerRecord<byte[], byte[]> letter) {
        Header reason = letter.headers().lastHeader("dead-letter-reason");
        return reason == null ? "of another test" : new String(reason.value(), UTF_8);
    }

    private static String email(DomainEvent event) {
        return ((UserSignedUp) event.data()).email();
    }
}
