package routes.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static schedules.Schedules.together;

import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.component.kafka.consumer.DefaultKafkaManualCommit;
import org.apache.camel.component.kafka.consumer.KafkaManualCommitFactory.CamelExchangePayload;
import org.apache.camel.component.kafka.consumer.KafkaManualCommitFactory.KafkaRecordPayload;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import routes.delivery.ConsumerGroup;
import routes.delivery.ConsumerGroups;
import routes.delivery.ScenarioLedger;
import routes.event.DomainEvent;
import routes.event.EventReader;
import routes.event.EventType;
import routes.event.Events;
import schedules.Schedules;

/** Two consumers of a group share a reader while a partition moves between them: each record is recorded before it is committed. */
class BatchReaderSchedulesTest {

    private static final CamelContext CAMEL = new DefaultCamelContext();
    private static final String GROUP = "email-workers";
    private static final ConsumerGroups GROUPS =
            ScenarioLedger.groups(ConsumerGroup.of(GROUP, 1, EventType.USER_SIGNED_UP));
    private static final TopicPartition PARTITION = new TopicPartition("domain-events", 0);
    private static final Instant NOW = Instant.now();

    /** The records of the partition; the third cannot be read. */
    private static final List<byte[]> LOG = IntStream.range(0, 5)
            .mapToObj(offset -> offset == 2 ? "?".getBytes(UTF_8) : json(Events.any(EventType.USER_SIGNED_UP)))
            .toList();

    @Test
    void eachRecordIsRecordedBeforeItIsCommittedThoughItsPartitionMoves() {
        Schedules.run(() -> {
            Group group = new Group();

            together(() -> group.consume(0), () -> group.consume(1), () -> {
                group.rebalance(1);
                group.rebalance(0);
            });

            assertThat(group.isTooEarly).as("committed before it was recorded").isFalse();
            assertThat(group.recorded).hasSize(LOG.size());
            assertThat(group.committed).isEqualTo(LOG.size());
        });
    }

    /** What brokers and ledger know. */
    private static final class Group {

        private final BatchReader reader = new BatchReader(GROUPS, new EventReader(), new CompositeMeterRegistry());
        private final Offsets offsets = new Offsets();
        private final Set<Long> recorded = new TreeSet<>();
        private int owner;
        private long committed;
        private boolean isTooEarly;

        /** The partition moves. Who had it may be in the middle of a batch: it was too slow. */
        synchronized void rebalance(int next) {
            owner = next;
        }

        private synchronized List<Exchange> poll(int consumer) {
            List<Exchange> records = new ArrayList<>();
            if (owner == consumer) {
                for (long offset = committed; offset < Math.min(committed + 2, LOG.size()); offset++) {
                    records.add(exchange(this, consumer, offset));
                }
            }
            return records;
        }

        private synchronized void record(RecordBatch batch, List<Exchange> records) {
            assertThat(batch.events().size() + batch.unreadable().size()).isEqualTo(records.size());
            records.forEach(one -> recorded.add(one.getMessage().getHeader(KafkaConstants.OFFSET, Long.class)));
        }

        private synchronized void commit(int consumer, Map<TopicPartition, OffsetAndMetadata> upTo) {
            long offset = upTo.get(PARTITION).offset();
            for (long before = 0; before < offset; before++) {
                isTooEarly |= !recorded.contains(before);
            }
            if (owner == consumer) { // otherwise the broker refuses it
                committed = offset;
            }
        }

        private synchronized boolean isDone() {
            return committed >= LOG.size() || isTooEarly;
        }

        void consume(int consumer) {
            while (!isDone()) {
                List<Exchange> records = poll(consumer);
                if (records.isEmpty()) {
                    Thread.yield();
                    continue;
                }
                Exchange exchange = new DefaultExchange(CAMEL);
                exchange.getExchangeExtension().setFromRouteId(GROUP);
                RecordBatch batch = reader.read(records, exchange);
                record(batch, records);
                offsets.commit(batch);
            }
        }
    }

    private static Exchange exchange(Group group, int consumer, long offset) {
        MockConsumer<Object, Object> client = new MockConsumer<>("earliest") {
            @Override
            public void commitSync(Map<TopicPartition, OffsetAndMetadata> upTo, Duration timeout) {
                group.commit(consumer, upTo);
            }
        };
        Exchange exchange = new DefaultExchange(CAMEL);
        exchange.getMessage().setBody(LOG.get((int) offset));
        exchange.getMessage().setHeader(KafkaConstants.TOPIC, PARTITION.topic());
        exchange.getMessage().setHeader(KafkaConstants.PARTITION, PARTITION.partition());
        exchange.getMessage().setHeader(KafkaConstants.OFFSET, offset);
        exchange.getMessage().setHeader(KafkaConstants.TIMESTAMP, NOW.toEpochMilli());
        exchange.getMessage().setHeader(KafkaConstants.HEADERS, new RecordHeaders());
        exchange.getMessage().setHeader(KafkaConstants.MANUAL_COMMIT, commit(exchange, client, offset));
        return exchange;
    }

    private static DefaultKafkaManualCommit commit(
            Exchange exchange, MockConsumer<Object, Object> client, long offset) {
        return new DefaultKafkaManualCommit(
                new CamelExchangePayload(exchange, client, "thread", null),
                new KafkaRecordPayload(PARTITION, offset, 5_000)) {
            @Override
            public void commit() {
                throw new UnsupportedOperationException("batches are committed by Offsets");
            }
        };
    }

    private static byte[] json(DomainEvent event) {
        return Events.json(event, json -> json.put("timestamp", NOW.toString()))
                .toString()
                .getBytes(UTF_8);
    }
}
