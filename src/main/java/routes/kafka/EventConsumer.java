package routes.kafka;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.clients.consumer.NoOffsetForPartitionException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.record.TimestampType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.background.Trouble;

/**
 * Kafka's consumer, which never jumps over records without a word and commits what is its own alone.
 *
 * <p><b>Jumps.</b> Kafka's client goes on by {@code auto.offset.reset} in silence, whether a group is new or its offset fell
 * out of retention. Here that setting is {@code none}, and each case is told apart. None of them is an error to Camel, which
 * would make a new consumer for it.
 *
 * <p><b>Commits.</b> A batch may hold records of a partition that has gone to another instance meanwhile. That instance reads
 * them again from the last commit, so a late commit here would at best move its progress backwards: it is left out. While
 * the group rebalances no commit is possible; it is made up for after the next poll, where leaving the group, which Camel does
 * after an exception, would begin the next rebalance.
 *
 * <p><b>Size.</b> Camel counts the records of a batch, not their bytes. Once the batch has {@link #MOST_BYTES}, no more are given
 * out until it is committed, so that five hundred records of a megabyte do not need half of one gigabyte.
 *
 * <p><b>Foreign types.</b> Most records of a topic are of types that a group does not handle. They are not given out: an exchange
 * for each costs several times what reading it does. They are committed with the records in front of them, or now and then where
 * there are none.
 *
 * <p>To be used by one thread, like any consumer.
 */
class EventConsumer extends GroupConsumer {

    private static final Logger LOG = LoggerFactory.getLogger(EventConsumer.class);
    private static final Duration COMMIT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration BETWEEN_COMMITS_OF_FOREIGN = Duration.ofMillis(200);

    /** How long a poll waits for more while a batch is filling: the least that an event may take from here to a worker. */
    private static final Duration FILLING = Duration.ofMillis(2);

    /** How much a batch may hold, before the records of the last poll. */
    static final long MOST_BYTES = 16 * 1024 * 1024;

    /** Four times what is read of an event: what is longer is a dead letter without its content. */
    static final int LONGEST_RECORD = 4 * 1024 * 1024;

    private final StartOffset startsAt;
    private final BooleanSupplier held;
    private final Predicate<ConsumerRecord<byte[], byte[]>> foreign;
    private final Counter lost;
    private final Map<TopicPartition, OffsetAndMetadata> putOff = new HashMap<>();
    private final Map<TopicPartition, TimestampType> timestampTypes = new HashMap<>();
    private long bytesOfTheBatch;

    /** The last offset that was given out of a partition, until it is committed. */
    private final Map<TopicPartition, Long> givenOut = new HashMap<>();

    /** Up to where only foreign records follow what was given out of a partition, until it is committed. */
    private final Map<TopicPartition, OffsetAndMetadata> foreignUpTo = new HashMap<>();

    private long lastCommitOfForeign = System.nanoTime();

    /** Of which it has committed something. Where that is gone, the group is not new. */
    private final Set<TopicPartition> committed = new HashSet<>();

    private EventConsumer(
            Properties properties,
            StartOffset startsAt,
            Predicate<String> isHeld,
            Predicate<ConsumerRecord<byte[], byte[]>> foreign,
            Trouble trouble,
            MeterRegistry metrics) {
        super(properties, trouble);
        FetchGuard.install(this, properties, LONGEST_RECORD);
        this.foreign = foreign;
        this.startsAt = startsAt;
        this.held = () -> isHeld.test(group());
        // From the start, with 0: an alert on a series that does not exist yet never fires.
        this.lost = metrics.counter("domain.events.lost.to.retention", "group", group());
    }

    /**
     * Makes a consumer.
     *
     * @param properties of Kafka's client; {@code auto.offset.reset} says where a group {@linkplain StartOffset starts} that is new
     * @param isHeld whether a group is to take in nothing for now
     * @param foreign which records the group has nothing to do with
     * @param trouble that of the group, whichever consumer has it
     */
    static EventConsumer create(
            Properties properties,
            Predicate<String> isHeld,
            Predicate<ConsumerRecord<byte[], byte[]>> foreign,
            Trouble trouble,
            MeterRegistry metrics) {
        Object start = properties.get(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG);
        return new EventConsumer(
                KafkaGuarantees.ofConsumer(properties),
                start == null ? StartOffset.EARLIEST : StartOffset.of(start.toString()),
                isHeld,
                foreign,
                trouble,
                metrics);
    }

    /** Polls, and makes up for what could not be committed. Without a valid offset it moves to one and returns no records. */
    @Override
    ConsumerRecords<byte[], byte[]> read(Duration timeout) {
        ConsumerRecords<byte[], byte[]> records;
        try {
            boolean isFull = bytesOfTheBatch >= MOST_BYTES;
            // Camel looks whether a batch is to wait no longer when a poll returns: one that waits for more returns
            // soon.
            Duration wait = bytesOfTheBatch > 0 && timeout.compareTo(FILLING) > 0 ? FILLING : timeout;
            records = isFull || held.getAsBoolean() ? pollForNothing(wait) : pollBrokers(wait);
        } catch (NoOffsetForPartitionException e) {
            start(e.partitions());
            return ConsumerRecords.empty();
        } catch (OffsetOutOfRangeException e) {
            goOn(e);
            return ConsumerRecords.empty();
        }
        if (!putOff.isEmpty()) {
            commitSync(Map.copyOf(putOff), COMMIT_TIMEOUT);
            putOff.keySet().retainAll(assignment());
        }
        records = withoutForeign(records);
        for (ConsumerRecord<byte[], byte[]> record : records) {
            bytesOfTheBatch += record.serializedKeySize() + record.serializedValueSize();
        }
        for (TopicPartition partition : records.partitions()) {
            timestampTypes.put(partition, records.records(partition).get(0).timestampType());
        }
        return records;
    }

    private ConsumerRecords<byte[], byte[]> withoutForeign(ConsumerRecords<byte[], byte[]> polled) {
        if (!givenOut.isEmpty() || !foreignUpTo.isEmpty()) {
            Set<TopicPartition> own = assignment();
            givenOut.keySet().retainAll(own);
            foreignUpTo.keySet().retainAll(own);
        }
        Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> kept = new HashMap<>();
        Map<TopicPartition, OffsetAndMetadata> next = polled.nextOffsets();
        for (TopicPartition partition : polled.partitions()) {
            List<ConsumerRecord<byte[], byte[]>> records = polled.records(partition);
            List<ConsumerRecord<byte[], byte[]>> own =
                    records.stream().filter(foreign.negate()).toList();
            if (!own.isEmpty()) {
                kept.put(partition, own);
                givenOut.put(partition, own.get(own.size() - 1).offset());
            }
            if (own.isEmpty() || own.get(own.size() - 1) != records.get(records.size() - 1)) {
                foreignUpTo.put(partition, Objects.requireNonNull(next.get(partition)));
            } else {
                foreignUpTo.remove(partition);
            }
        }
        commitForeign(polled.isEmpty());
        return kept.isEmpty() ? ConsumerRecords.empty() : new ConsumerRecords<>(kept, next);
    }

    /** Nobody waits for it: what is not committed is passed over again. */
    private void commitForeign(boolean atOnce) {
        Duration sinceTheLast = Duration.ofNanos(System.nanoTime() - lastCommitOfForeign);
        boolean isDue = atOnce || sinceTheLast.compareTo(BETWEEN_COMMITS_OF_FOREIGN) >= 0;
        if (foreignUpTo.isEmpty() || !isDue) {
            return;
        }
        Map<TopicPartition, OffsetAndMetadata> passed = new HashMap<>(foreignUpTo);
        passed.keySet().removeAll(givenOut.keySet());
        passed.keySet().removeAll(putOff.keySet());
        if (passed.isEmpty()) {
            return;
        }
        foreignUpTo.keySet().removeAll(passed.keySet());
        lastCommitOfForeign = System.nanoTime();
        commitAsync(passed, (offsets, failure) -> {
            if (failure != null) {
                offsets.forEach(foreignUpTo::putIfAbsent);
            }
        });
    }

    /** Stays in the group, and has Camel see that nothing comes: then it carries out the batch that it has. */
    private ConsumerRecords<byte[], byte[]> pollForNothing(Duration timeout) {
        Set<TopicPartition> partitions = new HashSet<>(assignment());
        partitions.removeAll(paused());
        pause(partitions);
        try {
            return pollBrokers(timeout);
        } finally {
            partitions.retainAll(assignment());
            resume(partitions);
        }
    }

    /**
     * Commits what this instance holds of these partitions, or puts it off to the next poll while the group rebalances.
     *
     * @throws org.apache.kafka.clients.consumer.CommitFailedException when the group has moved on without this instance
     */
    @Override
    public void commitSync(Map<TopicPartition, OffsetAndMetadata> offsets, Duration timeout) {
        bytesOfTheBatch = 0;
        Map<TopicPartition, OffsetAndMetadata> own = new HashMap<>(offsets);
        own.keySet().retainAll(assignment());
        if (own.isEmpty()) {
            return;
        }
        own.replaceAll(this::andWhatPassed);
        try {
            super.commitSync(own, timeout);
            committed.addAll(own.keySet());
            putOff.keySet().removeAll(own.keySet());
            // One that failed before is known by now (Consumer.commitAsync), and must not move progress backwards.
            own.forEach((partition, offset) -> foreignUpTo.computeIfPresent(
                    partition, (any, passed) -> passed.offset() <= offset.offset() ? null : passed));
        } catch (RebalanceInProgressException e) {
            putOff.putAll(own);
        }
    }

    /** A commit of all that was given out is one of what has passed behind it, too. */
    private OffsetAndMetadata andWhatPassed(TopicPartition partition, OffsetAndMetadata offset) {
        Long last = givenOut.get(partition);
        if (last == null || last >= offset.offset()) {
            return offset;
        }
        givenOut.remove(partition);
        OffsetAndMetadata passed = foreignUpTo.remove(partition);
        return passed == null ? offset : passed;
    }

    /** What the timestamps of a partition say: when the producer made a record, or when the broker appended it. */
    TimestampType timestampType(TopicPartition partition) {
        return timestampTypes.getOrDefault(partition, TimestampType.NO_TIMESTAMP_TYPE);
    }

    /** Committed before it is gone by, for all instances alike: what none remembers, the next one would find out anew. */
    private void start(Collection<TopicPartition> partitions) {
        boolean isGone = partitions.stream().anyMatch(committed::contains);
        Map<TopicPartition, Long> starts =
                new HashMap<>((isGone ? StartOffset.EARLIEST : startsAt).offsets(this, partitions));
        try {
            super.commitSync(committable(starts), COMMIT_TIMEOUT);
        } catch (RebalanceInProgressException e) {
            return; // the next poll finds them without an offset again
        }
        if (isGone) {
            LOG.error(
                    "{}: what it had committed is gone: the topic was made anew, or offsets were deleted. It starts at {}",
                    group(),
                    starts);
        } else {
            LOG.info("{} has committed nothing yet for these, and starts at {}", group(), starts);
        }
        starts.keySet().retainAll(assignment());
        seek(starts);
    }

    private void goOn(OffsetOutOfRangeException e) {
        Map<TopicPartition, OffsetAndMetadata> truncated =
                e instanceof LogTruncationException truncation ? truncation.divergentOffsets() : Map.of();
        Map<TopicPartition, Long> moves = new HashMap<>();
        Map<TopicPartition, Long> first = beginningOffsets(e.partitions());
        e.offsetOutOfRangePartitions().forEach((partition, offset) -> {
            long oldest = first.getOrDefault(partition, 0L);
            OffsetAndMetadata divergent = truncated.get(partition);
            moves.put(partition, divergent == null ? oldest : Math.max(oldest, divergent.offset()));
            if (offset < oldest) {
                LOG.error(
                        "{}: {} records of {} fell out of the topic's retention unread. The group stood at offset {}, the first"
                                + " that is still there is {}; it goes on there",
                        group(),
                        oldest - offset,
                        partition,
                        offset,
                        oldest);
                lost.increment((double) (oldest - offset));
            } else {
                LOG.error(
                        "{}: {} was rewound: the group stood at offset {}, which is not there any more. The topic was made"
                                + " anew, or brokers lost records that they had acknowledged. It is read again from offset {}",
                        group(),
                        partition,
                        offset,
                        moves.get(partition));
            }
        });
        seek(moves);
        // Although nothing has been read: a gap that is not remembered would be reported by each restart.
        commitSync(committable(moves), COMMIT_TIMEOUT);
    }

    private void seek(Map<TopicPartition, Long> offsets) {
        givenOut.keySet().removeAll(offsets.keySet());
        foreignUpTo.keySet().removeAll(offsets.keySet());
        offsets.forEach(this::seek);
    }

    private static Map<TopicPartition, OffsetAndMetadata> committable(Map<TopicPartition, Long> offsets) {
        return offsets.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, move -> new OffsetAndMetadata(move.getValue())));
    }
}
