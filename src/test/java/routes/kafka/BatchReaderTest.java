package routes.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.RETURNS_DEEP_STUBS;
import static org.mockito.Mockito.mock;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.component.kafka.consumer.DefaultKafkaManualCommit;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import routes.delivery.ConsumerGroup;
import routes.delivery.ConsumerGroups;
import routes.event.DomainEvent;
import routes.event.EventReader;
import routes.event.EventType;
import routes.event.Events;

class BatchReaderTest {

    private final DefaultCamelContext camel = new DefaultCamelContext();
    private final ConsumerGroups groups = mock();
    private final Instant now = Instant.now();
    private BatchReader reader;

    @BeforeEach
    void start() {
        given(groups.get("email-workers")).willReturn(ConsumerGroup.of("email-workers", 1, EventType.USER_SIGNED_UP));
        reader = new BatchReader(groups, new EventReader(), new SimpleMeterRegistry());
    }

    @Test
    void anEventIsHeldAgainstTheTimeOfItsRecordAndNotAgainstAClockThatIsBehind() {
        Instant later = now.plus(Duration.ofDays(2));

        assertThat(read(record(later, later)).events()).hasSize(1);
    }

    @Test
    void oneProducerWhoseClockIsAheadMakesDeadLetters() {
        for (int i = 0; i < 20; i++) {
            assertThat(read(ahead()).unreadable()).hasSize(1);
            assertThat(read(record(now, now)).events()).hasSize(1);
        }
    }

    @Test
    void nothingIsTakenInAndNothingLostWhileNearlyAllIsAhead() {
        for (int i = 0; i < 9; i++) {
            read(ahead());
        }

        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> read(ahead()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("email-workers stops consuming")
                    .hasMessageContaining("Correct the wrong clock");
        }
        assertThat(read(record(now, now)).events()).hasSize(1);
        assertThat(read(ahead()).unreadable()).as("one alone").hasSize(1);
    }

    @Test
    void oneGoodRecordAmongManyThatAreAheadIsNoSignThatTheClocksAreRight() {
        List<Exchange> batch = new ArrayList<>(Collections.nCopies(19, ahead()));
        batch.add(record(now, now));

        assertThatThrownBy(() -> read(batch)).isInstanceOf(IllegalStateException.class);
    }

    private Exchange ahead() {
        return record(now.plus(Duration.ofDays(2)), now);
    }

    private Exchange record(Instant happened, Instant written) {
        DomainEvent event = Events.any(EventType.USER_SIGNED_UP);
        Exchange exchange = new DefaultExchange(camel);
        exchange.getMessage()
                .setBody(Events.json(event, json -> json.put("timestamp", happened.toString()))
                        .toString()
                        .getBytes(UTF_8));
        exchange.getMessage().setHeader(KafkaConstants.TOPIC, "domain-events");
        exchange.getMessage().setHeader(KafkaConstants.PARTITION, 0);
        exchange.getMessage().setHeader(KafkaConstants.OFFSET, 0L);
        exchange.getMessage().setHeader(KafkaConstants.TIMESTAMP, written.toEpochMilli());
        exchange.getMessage().setHeader(KafkaConstants.HEADERS, new RecordHeaders());
        exchange.getMessage()
                .setHeader(KafkaConstants.MANUAL_COMMIT, mock(DefaultKafkaManualCommit.class, RETURNS_DEEP_STUBS));
        return exchange;
    }

    private RecordBatch read(Exchange... records) {
        return read(List.of(records));
    }

    private RecordBatch read(List<Exchange> records) {
        Exchange batch = new DefaultExchange(camel);
        batch.getExchangeExtension().setFromRouteId("email-workers");
        return reader.read(records, batch);
    }
}
