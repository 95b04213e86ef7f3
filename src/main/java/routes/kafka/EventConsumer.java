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
 * Kafka's consumer, which never skips records silently and commits only its own partitions.
 *
 * <p><b>Jumps.</b> Kafka's client applies {@code auto.offset.reset} silently, whether a group is new or its offset fell out of
 * retention. Here that setting is {@code none}, and the cases are handled separately. None of them is an error to Camel, which
 * would create a new consumer for it.
 *
 * <p><b>Commits.</b> A batch may hold records of a partition that has moved to another instance meanwhile. That instance reads
 * them again from the last commit, so a late commit here could only move its progress backwards: it is left out. While the
 * group rebalances, commits are impossible; they are repeated after the next poll. An exception would make Camel leave the
 * group, which would begin the next rebalance.
 *
 * <p><b>Size.</b> Camel counts the records of a batch, not their bytes. Once the batch has {@link #MOST_BYTES}, no more are
 * returned until it is committed, so that five hundred records of a megabyte do not need half a gigabyte.
 *
 * <p><b>Foreign types.</b> Most records of a topic are of types that a group does not handle. They are not returned: an exchange
 * for each would cost several times as much as reading it. They are committed with the records before them, or from time to
 * time if there are none.
 *
 * <p>For one thread, like any consumer.
 */
class EventConsumer extends GroupConsumer {

    private static final Logger LOG = LoggerFactory.getLogger(EventConsumer.class);
    private static final Duration COMMIT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration BETWEEN_COMMITS_OF_FOREIGN = Duration.ofMillis(200);

    /** How long a poll waits for more while a batch is filling: the minimum time from here to a worker. */
    private static final Duration FILLING = Duration.ofMillis(2);

    /** How many bytes a batch may hold before the records of its last poll. */
    static final long MOST_BYTES = 16 * 1024 * 1024;

    /** Four times the longest valid event: a longer record becomes a dead letter without its content. */
    static final int LONGEST_RECORD = 4 * 1024 * 1024;

    private final FetchGuard guard;
    private final StartOffset startsAt;
    private final BooleanSupplier held;
    private final Predicate<ConsumerRecord<byte[], byte[]>> foreign;
    private final Counter lost;
    private final Map<TopicPartition, OffsetAndMetadata> putOff = new HashMap<>();
    private final Map<TopicPartition, TimestampType> timestampTypes = new HashMap<>();
    private long bytesOfTheBatch;

    /** The last offset of each partition that was returned, until it is committed. */
    private final Map<TopicPartition, Long> givenOut = new HashMap<>();

    /** The end of the foreign records that follow the last returned record of each partition, until it is committed. */
    private final Map<TopicPartition, OffsetAndMetadata> foreignUpTo = new HashMap<>();

    private long lastCommitOfForeign = System.nanoTime();

    /** The partitions with a commit of this consumer. If that is gone, the group is not new. */
    private final Set<TopicPartition> committed = new HashSet<>();

    private EventConsumer(
            Properties properties,
            StartOffset startsAt,
            Predicate<String> isHeld,
            Predicate<ConsumerRecord<byte[], byte[]>> foreign,
            Trouble trouble,
            MeterRegistry metrics) {
        super(properties, trouble);
        this.guard = FetchGuard.install(this, properties, LONGEST_RECORD);
        this.foreign = foreign;
        this.startsAt = startsAt;
        this.held = () -> isHeld.test(group());
        // Registered from the start, as 0. Alerts must not rely on it: it may count before it is scraped.
        this.lost = metrics.counter("domain.events.lost.to.retention", "group", group());
    }

    /**
     * Creates a consumer.
     *
     * @param properties of Kafka's client; {@code auto.offset.reset} says where a new group {@linkplain StartOffset starts}
     * @param isHeld whether a group should consume nothing for now
     * @param foreign the records that the group does not handle
     * @param trouble the group's, which its consumers share
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

    /** Polls, and repeats commits that were not possible. Without a valid offset, it moves to one and returns no records. */
    @Override
    ConsumerRecords<byte[], byte[]> read(Duration timeout) {
        ConsumerRecords<byte[], byte[]> records;
        try {
            boolean isFull = bytesOfTheBatch >= MOST_BYTES;
            // Camel checks whether a batch is complete only when a poll returns: while a batch is filling, polls are
            // short.
            Duration wait = bytesOfTheBatch > 0 && timeout.compareTo(FILLING) > 0 ? FILLING : timeout;
            records = isFull || held.getAsBoolean() ? pollForNothing(wait) : pollBrokers(wait);
        } catch (NoOffsetForPartitionException e) {
            start(e.partitions());
            return ConsumerRecords.empty();
        } catch (OffsetOutOfRangeException e) {
            goOn(e);
            return ConsumerRecords.empty();
        }
        guard.forgetAllBut(assignment());
        if (!putOff.isEmpty()) {
            commitSync(Map.copyOf(putOff), COMMIT_TIMEOUT);
            putOff.keySet().retainAll(assignment());
        }
        records = withoutForeign(records);
        for (ConsumerRecord<byte[], byte[]> record : records) {
            bytesOfTheBatch += RecordSize.of(record);
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

    /** Asynchronous, since nothing depends on it: uncommitted records are skipped again. */
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

    /** Stays in the group, and shows Camel that no more records come, so that it processes the batch that it has. */
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
     * Commits those of the partitions that this instance holds, or defers that to the next poll while the group rebalances.
     *
     * @throws org.apache.kafka.clients.consumer.CommitFailedException if the group has moved on without this instance
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
            // Asynchronous commits have ended by now (Consumer.commitAsync); a failed one must not undo progress.
            own.forEach((partition, offset) -> foreignUpTo.computeIfPresent(
                    partition, (any, passed) -> passed.offset() <= offset.offset() ? null : passed));
        } catch (RebalanceInProgressException e) {
            putOff.putAll(own);
        }
    }

    /** A commit of all returned records also covers the foreign records after them. */
    private OffsetAndMetadata andWhatPassed(TopicPartition partition, OffsetAndMetadata offset) {
        Long last = givenOut.get(partition);
        if (last == null || last >= offset.offset()) {
            return offset;
        }
        givenOut.remove(partition);
        OffsetAndMetadata passed = foreignUpTo.remove(partition);
        // A commit of foreign records that failed since may have put back an offset of before this batch.
        return passed == null || passed.offset() < offset.offset() ? offset : passed;
    }

    /** The meaning of a partition's timestamps: when the producer created a record, or when the broker appended it. */
    TimestampType timestampType(TopicPartition partition) {
        return timestampTypes.getOrDefault(partition, TimestampType.NO_TIMESTAMP_TYPE);
    }

    /** Commits the start offsets before using them, so that all instances agree: otherwise the next one might start elsewhere. */
    private void start(Collection<TopicPartition> without) {
        Set<TopicPartition> partitions = new HashSet<>(without);
        // With group.protocol=consumer, the client may have asked before an earlier poll: another instance may have
        // started
        // there since, and its progress must not be moved.
        partitions.retainAll(assignment());
        committed(partitions, COMMIT_TIMEOUT).forEach((partition, offset) -> {
            if (offset != null) {
                partitions.remove(partition);
            }
        });
        if (partitions.isEmpty()) {
            return;
        }
        boolean isGone = partitions.stream().anyMatch(committed::contains);
        Map<TopicPartition, Long> starts =
                new HashMap<>((isGone ? StartOffset.EARLIEST : startsAt).offsets(this, partitions));
        try {
            super.commitSync(committable(starts), COMMIT_TIMEOUT);
        } catch (RebalanceInProgressException e) {
            return; // the next poll finds no offset for them again
        }
        if (isGone) {
            LOG.error(
                    "{}: its committed offsets are gone: the topic was recreated, or offsets were deleted. It starts at {}",
                    group(),
                    starts);
        } else {
            LOG.info("{} has no committed offsets for these partitions, and starts at {}", group(), starts);
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
                        "{}: {} records of {} fell out of the topic's retention unread. The group was at offset {}, the oldest"
                                + " available one is {}; it continues there",
                        group(),
                        oldest - offset,
                        partition,
                        offset,
                        oldest);
                lost.increment((double) (oldest - offset));
            } else {
                LOG.error(
                        "{}: {} was rewound: the group was at offset {}, which no longer exists. The topic was"
                                + " recreated, or brokers lost records that they had acknowledged. It is read again from offset {}",
                        group(),
                        partition,
                        offset,
                        moves.get(partition));
            }
        });
        seek(moves);
        // Even before anything is read: otherwise each restart would report the gap again.
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
