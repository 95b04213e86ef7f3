package routes.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.GroupProtocol;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import routes.delivery.ConsumerGroup;
import routes.event.EventReader;
import routes.event.EventType;

/** Which offsets a range has. Which failures say that it cannot be read, and which are worth a retry. */
class RangeReaderTest {

    private static final String TOPIC = "some-events";
    private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);
    private static final ConsumerGroup GROUP = ConsumerGroup.of("email-workers", 1, EventType.USER_SIGNED_UP);

    /** They end when somebody has put the login, the right or the broker back. */
    static Stream<KafkaException> failuresOfTheBrokers() {
        return Stream.of(
                new SaslAuthenticationException("Authentication failed"),
                new TopicAuthorizationException(TOPIC),
                new InvalidTopicException(TOPIC),
                new TimeoutException("no answer"));
    }

    @ParameterizedTest
    @MethodSource("failuresOfTheBrokers")
    void aLookForTheRangeThatTheBrokersRefuseIsWorthARetry(KafkaException failure) {
        RangeReader ranges = reader(() -> new MockConsumer<>("none") {
            @Override
            public synchronized List<PartitionInfo> partitionsFor(String topic) {
                throw failure;
            }
        });

        assertThatThrownBy(() -> ranges.between(Instant.EPOCH, null)).isSameAs(failure);
        assertThatThrownBy(() -> ranges.between(0, 0, null)).isSameAs(failure);
    }

    @ParameterizedTest
    @MethodSource("failuresOfTheBrokers")
    void aFetchThatTheBrokersRefuseIsWorthARetry(KafkaException failure) {
        try (RangeReader.Reading reading = reader(() -> failing(failure)).open(GROUP, null)) {
            assertThatThrownBy(() -> reading.read(0, 0, 1)).isSameAs(failure);
        }
    }

    static Stream<KafkaException> failuresOfTheConstructor() {
        return Stream.of(
                new KafkaException(
                        "Failed to construct kafka consumer",
                        new ConfigException("No resolvable bootstrap urls given in bootstrap.servers")),
                new ConfigException("ssl.keystore.location", "gone"));
    }

    @ParameterizedTest
    @MethodSource("failuresOfTheConstructor")
    void aConsumerThatCannotBeBuiltIsWorthARetry(KafkaException failure) {
        RangeReader ranges = reader(() -> {
            throw failure;
        });

        assertThatThrownBy(() -> ranges.between(Instant.EPOCH, null)).isSameAs(failure);
        assertThatThrownBy(() -> ranges.open(GROUP, null)).isSameAs(failure);
    }

    /** As Kafka's client tells them. */
    static Stream<KafkaException> failuresOfTheData() {
        return Stream.of(
                new KafkaException(
                        "Encountered corrupt message when fetching offset 0 for topic-partition some-events-0"),
                new KafkaException(
                        "Received exception when fetching the next record from some-events-0",
                        new CorruptRecordException("Record is corrupt")),
                new SerializationException("Error deserializing"));
    }

    @ParameterizedTest
    @MethodSource("failuresOfTheData")
    void whatIsFetchedButCannotBeReadEndsTheRange(KafkaException failure) {
        try (RangeReader.Reading reading = reader(() -> failing(failure)).open(GROUP, null)) {
            assertThatThrownBy(() -> reading.read(0, 0, 1))
                    .isInstanceOf(RangeUnreadableException.class)
                    .hasMessageContaining(failure.getMessage());
        }
    }

    @Test
    void brokersThatSendNothingForLongAreATroubleThatIsWorthARetry() {
        try (RangeReader.Reading reading = reader(() -> topic(Map.of())).open(GROUP, null)) {
            for (int poll = 1; poll < 50; poll++) {
                assertThat(reading.read(0, 3, 10)).isEqualTo(new RangeChunk(List.of(), 3, 0));
            }

            assertThatThrownBy(() -> reading.read(0, 3, 10))
                    .isInstanceOf(TimeoutException.class)
                    .hasMessage("the brokers send nothing of partition 0: 50 fetches were in vain");
        }
    }

    /** As the marker of a transaction, or the place of a record that compaction has deleted. */
    @Test
    void whatHasNoRecordIsAnAnswerToo() {
        MockConsumer<byte[], byte[]> consumer = topic(Map.of());
        try (RangeReader.Reading reading = reader(() -> consumer).open(GROUP, null)) {
            for (long next = 0; next < 3; next++) {
                for (int poll = 0; poll < 40; poll++) {
                    reading.read(0, next, 10);
                }
                long after = next + 1;
                consumer.schedulePollTask(() -> consumer.seek(PARTITION, after));

                assertThat(reading.read(0, next, 10)).isEqualTo(new RangeChunk(List.of(), after, 0));
            }
        }
    }

    /** What a producer whose clock is ahead has written is followed by records of the range. */
    @Test
    void aRangeOfTimeGoesOnForADayAfterItsEndOrToTheEndOfTheTopic() {
        Instant to = Instant.now().minus(Duration.ofDays(3)).truncatedTo(ChronoUnit.MILLIS);
        RangeReader ranges = reader(() -> topic(Map.of(to, 5L, to.plus(Duration.ofDays(1)), 8L)));

        assertThat(ranges.between(Instant.EPOCH, to)).containsExactly(new PartitionRange(0, 0, 0, 8));
        assertThat(ranges.between(Instant.EPOCH, Instant.now())).containsExactly(new PartitionRange(0, 0, 0, 10));
    }

    /** One of ten records, of which these times have the first at these offsets; every other time has the beginning. */
    private static MockConsumer<byte[], byte[]> topic(Map<Instant, Long> firsts) {
        MockConsumer<byte[], byte[]> topic = new MockConsumer<>("none") {
            @Override
            public synchronized Map<TopicPartition, OffsetAndTimestamp> offsetsForTimes(
                    Map<TopicPartition, Long> times) {
                Map<TopicPartition, OffsetAndTimestamp> offsets = new HashMap<>();
                times.forEach((partition, time) -> offsets.put(
                        partition, new OffsetAndTimestamp(firsts.getOrDefault(Instant.ofEpochMilli(time), 0L), time)));
                return offsets;
            }
        };
        topic.updatePartitions(TOPIC, List.of(new PartitionInfo(TOPIC, 0, null, null, null)));
        topic.updateBeginningOffsets(Map.of(PARTITION, 0L));
        topic.updateEndOffsets(Map.of(PARTITION, 10L));
        return topic;
    }

    private static Consumer<byte[], byte[]> failing(KafkaException failure) {
        MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("none");
        consumer.setPollException(failure);
        return consumer;
    }

    private static RangeReader reader(Supplier<Consumer<byte[], byte[]>> consumers) {
        return new RangeReader(
                new StandaloneConsumers(new DefaultCamelContext()) {
                    @Override
                    public Consumer<byte[], byte[]> open() {
                        return consumers.get();
                    }
                },
                new DomainEventsSettings(TOPIC, 1, (short) 1, Duration.ofDays(1), GroupProtocol.CLASSIC),
                new EventReader());
    }
}
