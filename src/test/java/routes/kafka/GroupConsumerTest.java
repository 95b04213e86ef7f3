package routes.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.Duration;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import routes.background.Trouble;

/** How often a refused group retries. After each failed poll it gets a new client at once, like Camel's. */
@Execution(ExecutionMode.CONCURRENT)
class GroupConsumerTest {

    private final Trouble trouble = new Trouble("some-workers");

    private static Stream<Throwable> whatAPollMayThrow() {
        return Stream.of(
                GroupAuthorizationException.forGroupId("some-workers"),
                new SaslAuthenticationException("the user is gone"),
                new IllegalStateException("thrown on purpose"),
                new OutOfMemoryError("thrown on purpose"));
    }

    @ParameterizedTest
    @MethodSource("whatAPollMayThrow")
    void aPollThatFailsIsFollowedByAPauseThatGrows(Throwable thrown) {
        assertThat(polls(3, thrown))
                .as("with pauses of 0.5, 1 and 2 s, and not yet the longest ones")
                .isBetween(Duration.ofMillis(3_500), Duration.ofSeconds(14));
    }

    @Test
    void aRouteThatStopsWaitsForNoPause() {
        assertThat(polls(20, new WakeupException()))
                .as("with pauses it would be a minute and a half")
                .isLessThan(Duration.ofSeconds(60));
    }

    /** How long so many polls take that fail. */
    private Duration polls(int polls, Throwable thrown) {
        long start = System.nanoTime();
        for (int i = 0; i < polls; i++) {
            try (GroupConsumer client = new Refused(thrown)) {
                assertThat(catchThrowable(() -> client.poll(Duration.ZERO))).isInstanceOf(KafkaException.class);
            }
        }
        return Duration.ofNanos(System.nanoTime() - start);
    }

    private final class Refused extends GroupConsumer {

        private final Throwable thrown;

        private Refused(Throwable thrown) {
            super(properties(), trouble);
            this.thrown = thrown;
        }

        @Override
        ConsumerRecords<byte[], byte[]> read(Duration timeout) {
            GroupConsumerTest.<RuntimeException>sneak(thrown);
            return ConsumerRecords.empty();
        }
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void sneak(Throwable thrown) throws T {
        throw (T) thrown;
    }

    private static Properties properties() {
        Properties properties = new Properties();
        properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, "localhost:1");
        properties.put(ConsumerConfig.GROUP_ID_CONFIG, "some-workers");
        properties.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
        properties.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
        return properties;
    }
}
