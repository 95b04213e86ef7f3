package routes.kafka;

import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.GroupProtocol;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.background.Trouble;

/**
 * Kafka's consumer in a group, with what others need to know: when it last polled, and its problems. Camel replaces a consumer right
 * after an exception, so the pause is made here, before throwing: a revoked privilege costs one try every five seconds, and one
 * log line. An {@link Error} is thrown as an exception, which Camel can handle.
 */
abstract class GroupConsumer extends KafkaConsumer<byte[], byte[]> {

    private static final Logger LOG = LoggerFactory.getLogger(GroupConsumer.class);

    /** A member of the group that has polled without errors for this long has recovered: otherwise it would have failed by then. */
    private static final Duration PEACE = Duration.ofSeconds(3);

    private final String group;
    private final boolean isDecidedByBrokers;
    private final Trouble trouble;
    private @Nullable Throwable told;

    // Read by other threads.
    private volatile long lastPoll = System.nanoTime();
    private volatile boolean closed;

    GroupConsumer(Properties properties, Trouble trouble) {
        super(properties);
        this.group = properties.getProperty(ConsumerConfig.GROUP_ID_CONFIG);
        this.isDecidedByBrokers = GroupProtocol.CONSUMER
                .name()
                .equalsIgnoreCase(properties.getProperty(ConsumerConfig.GROUP_PROTOCOL_CONFIG));
        this.trouble = trouble;
    }

    @Override
    public final ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
        lastPoll = System.nanoTime();
        try {
            ConsumerRecords<byte[], byte[]> records = read(timeout);
            if (trouble.hasRestedFor(PEACE) && groupMetadata().generationId() >= 0) {
                trouble.worked();
            }
            return records;
        } catch (WakeupException | InterruptException e) {
            throw e; // the route stops
        } catch (KafkaException e) {
            KafkaException explained = explained(e);
            pauseFor(explained);
            throw explained;
        } catch (Throwable thrown) {
            pauseFor(thrown);
            throw new KafkaException("The poll failed: " + thrown, thrown);
        }
    }

    /** Kafka's own words name a setting that this service does not have. */
    private KafkaException explained(KafkaException e) {
        return isDecidedByBrokers && e instanceof UnsupportedVersionException
                ? new UnsupportedVersionException(
                        "the brokers do not support KAFKA_GROUP_PROTOCOL=consumer: write classic,"
                                + " or upgrade them to Kafka 4.0 or later, and their group.version to 1")
                : e;
    }

    /** The records that a poll returns. */
    abstract ConsumerRecords<byte[], byte[]> read(Duration timeout);

    /** Kafka's own poll. */
    final ConsumerRecords<byte[], byte[]> pollBrokers(Duration timeout) {
        return super.poll(timeout);
    }

    @Override
    public void commitSync(Map<TopicPartition, OffsetAndMetadata> offsets, Duration timeout) {
        try {
            super.commitSync(offsets, timeout);
            trouble.worked();
        } catch (RebalanceInProgressException | WakeupException | InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            pauseFor(e);
            throw e;
        }
    }

    private void pauseFor(Throwable thrown) {
        if (thrown == told) {
            return; // a commit within a poll
        }
        told = thrown;
        pause(trouble.failed(thrown));
    }

    /** Waits, unless the thread is interrupted; Kafka's client notices that. */
    static void pause(Duration duration) {
        try {
            TimeUnit.NANOSECONDS.sleep(duration.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Its group. */
    final String group() {
        return group;
    }

    /** How long ago it polled. For any thread. */
    final Duration sinceLastPoll() {
        return Duration.ofNanos(System.nanoTime() - lastPoll);
    }

    /** Whether it is closed. For any thread. */
    final boolean isClosed() {
        return closed;
    }

    @Override
    public void close() {
        close(CloseOptions.timeout(Duration.ofSeconds(5)));
    }

    /** Errors here have been reported before: a client that was refused cannot leave its group either. */
    @Override
    public void close(CloseOptions options) {
        closed = true;
        try {
            super.close(options);
        } catch (KafkaException e) {
            LOG.debug("{} was closed despite an error: {}", group, e.getMessage());
        }
    }
}
