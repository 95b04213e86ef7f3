package routes.consumer;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.component.kafka.KafkaComponent;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsResult;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;
import routes.consumer.FirstRecords.Place;
import routes.delivery.ConsumerGroup;
import routes.delivery.ConsumerGroups;
import routes.history.History;
import routes.kafka.DomainEventsSettings;
import routes.kafka.StandaloneConsumers;
import routes.kafka.Topics;

/**
 * How far each group is behind the end of the topic, across all instances: the end offset minus the committed one, and the
 * age of the first uncommitted record. Read from the brokers at intervals, for metrics and verdicts, and on demand for one
 * group or event. While the brokers do not answer, the lag is unknown rather than stale.
 */
@Component
public class Lags implements DisposableBean {

    private static final Logger LOG = LoggerFactory.getLogger(Lags.class);

    /** For each of the requests that a snapshot needs. */
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    /** How long a snapshot counts as current. */
    private static final Duration FRESH = Duration.ofSeconds(1);

    /** What a group can read: up to the first open transaction. */
    private static final ListOffsetsOptions COMMITTED = new ListOffsetsOptions(IsolationLevel.READ_COMMITTED);

    private final CamelContext camel;
    private final ConsumerGroups groups;
    private final DomainEventsSettings settings;
    private final FirstRecords firstRecords;
    private final History history;
    private final MultiGauge lag;
    private final MultiGauge seconds;

    /** Held by who asks the brokers. */
    final ReentrantLock asking = new ReentrantLock();

    private @Nullable Admin admin;
    private volatile @Nullable LagSnapshot latest;
    private volatile @Nullable String failure;

    Lags(
            CamelContext camel,
            ConsumerGroups groups,
            DomainEventsSettings settings,
            StandaloneConsumers consumers,
            History history,
            MeterRegistry metrics) {
        this.camel = camel;
        this.groups = groups;
        this.settings = settings;
        this.history = history;
        this.firstRecords = new FirstRecords(consumers);
        this.lag = MultiGauge.builder("domain.events.lag").register(metrics);
        this.seconds = MultiGauge.builder("domain.events.lag.seconds").register(metrics);
    }

    /**
     * How far a group is behind on a partition.
     *
     * @param committed the group's committed offset; if it has none, the offset that it starts at
     * @param end the end of what can be read: the offset of the next record, or of the first record of an open transaction
     * @param lag uncommitted records; also 0 if only transaction markers follow
     * @param oldest the timestamp of the first of them; null if there is none, or if it could not be read in time
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record PartitionLag(
            int partition,
            long committed,
            long end,
            long lag,
            @Nullable Instant oldest) {}

    /**
     * The lag of all groups at one moment.
     *
     * @param at when
     * @param groups the partitions of each group, in their order
     */
    public record LagSnapshot(Instant at, Map<String, List<PartitionLag>> groups) {

        /** All uncommitted records of a group. */
        public long lag(String group) {
            return partitions(group).stream().mapToLong(PartitionLag::lag).sum();
        }

        /** The age of the oldest of them, in seconds; 0 if there is none, empty if unknown. */
        public OptionalDouble seconds(String group) {
            if (lag(group) == 0) {
                return OptionalDouble.of(0);
            }
            return partitions(group).stream()
                    .map(PartitionLag::oldest)
                    .filter(Objects::nonNull)
                    .mapToDouble(
                            oldest -> Math.max(0, Duration.between(oldest, at).toMillis() / 1000.0))
                    .max();
        }

        /** How far a group is behind on each partition. */
        public List<PartitionLag> partitions(String group) {
            return groups.getOrDefault(group, List.of());
        }
    }

    /** The latest snapshot; empty while the brokers do not answer, and until they are first asked. */
    public Optional<LagSnapshot> latest() {
        return Optional.ofNullable(latest);
    }

    /**
     * The current lag, for questions about one group or event that a snapshot some seconds old could answer wrongly: refreshes, unless the
     * last snapshot is from this second. While the brokers do not answer it is empty, within a second, and only {@link #refresh()}
     * asks them again.
     */
    public Optional<LagSnapshot> now() {
        if (!isOld()) {
            return latest();
        }
        try {
            if (!asking.tryLock(FRESH.toMillis(), TimeUnit.MILLISECONDS)) {
                return Optional.empty(); // the schedule has had no answer for so long
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
        try {
            if (isOld()) {
                refresh();
            }
        } finally {
            asking.unlock();
        }
        return latest();
    }

    private boolean isOld() {
        LagSnapshot last = latest;
        return last != null && last.at().isBefore(Instant.now().minus(FRESH));
    }

    /** Why the brokers do not answer; empty if they do, or have not been asked yet. */
    public Optional<String> failure() {
        return Optional.ofNullable(failure);
    }

    /** Refreshes the snapshot. Never throws: {@link #failure()} has the reason. */
    public void refresh() {
        asking.lock();
        try {
            LagSnapshot look = look(admin());
            latest = look;
            failure = null;
            report(look);
        } catch (ExecutionException | TimeoutException | KafkaException e) {
            Throwable cause = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
            String reason = cause instanceof TimeoutException || cause.getMessage() == null
                    ? "the brokers did not answer within %d s".formatted(TIMEOUT.toSeconds())
                    : cause.getMessage();
            if (latest != null) {
                LOG.warn("The groups' lag is currently unknown: {}", reason);
            }
            nothing(reason);
            close(); // a client that has lost its brokers may hold on to stale addresses
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            nothing("the service is stopping");
        } finally {
            asking.unlock();
        }
    }

    private void nothing(String reason) {
        latest = null;
        failure = reason;
        lag.register(List.of(), true);
        seconds.register(List.of(), true);
    }

    private void report(LagSnapshot look) {
        List<Row<?>> lags = new ArrayList<>();
        List<Row<?>> ages = new ArrayList<>();
        look.groups().forEach((group, partitions) -> {
            partitions.forEach(partition -> lags.add(Row.of(
                    Tags.of("group", group, "partition", String.valueOf(partition.partition())), partition.lag())));
            ages.add(Row.of(Tags.of("group", group), look.seconds(group).orElse(Double.NaN)));
            history.behind(group, look.lag(group));
        });
        lag.register(lags, true);
        seconds.register(ages, true);
    }

    private Admin admin() {
        if (admin == null) {
            admin = Admin.create(Topics.properties(camel));
        }
        return admin;
    }

    private LagSnapshot look(Admin brokers) throws ExecutionException, InterruptedException, TimeoutException {
        List<TopicPartition> partitions =
                answer(brokers.describeTopics(List.of(settings.topic())).allTopicNames()).values().stream()
                        .flatMap(topic -> topic.partitions().stream()
                                .map(partition -> new TopicPartition(topic.name(), partition.partition())))
                        .sorted(Comparator.comparingInt(TopicPartition::partition))
                        .toList();
        // Committed offsets first: records that arrive in between count as lag, and no lag is negative.
        ListConsumerGroupOffsetsResult offsets = brokers.listConsumerGroupOffsets(groups.all().stream()
                .collect(Collectors.toMap(
                        ConsumerGroup::name, group -> new ListConsumerGroupOffsetsSpec().topicPartitions(partitions))));
        Map<String, Map<TopicPartition, OffsetAndMetadata>> committed = answer(offsets.all());
        Map<TopicPartition, Long> begins = offsets(brokers, partitions, OffsetSpec.earliest());
        Map<TopicPartition, Long> ends = offsets(brokers, partitions, OffsetSpec.latest());
        boolean fromTheEnd = "latest"
                .equals(camel.getComponent("kafka", KafkaComponent.class)
                        .getConfiguration()
                        .getAutoOffsetReset());
        Map<String, Map<TopicPartition, Long>> stands = new LinkedHashMap<>();
        for (ConsumerGroup group : groups.all()) {
            Map<TopicPartition, Long> stand = new LinkedHashMap<>();
            Map<TopicPartition, OffsetAndMetadata> its = committed.getOrDefault(group.name(), Map.of());
            boolean isNew = its.values().stream().allMatch(Objects::isNull);
            for (TopicPartition partition : partitions) {
                OffsetAndMetadata offset = its.get(partition);
                long start = Objects.requireNonNull((isNew && fromTheEnd ? ends : begins).get(partition));
                stand.put(partition, offset == null ? start : offset.offset());
            }
            stands.put(group.name(), stand);
        }
        Map<Place, Long> first = firstRecords.timestamps(stands, begins, ends);
        Map<String, List<PartitionLag>> lags = new LinkedHashMap<>();
        stands.forEach((group, stand) -> {
            List<PartitionLag> all = new ArrayList<>();
            stand.forEach((partition, offset) ->
                    all.add(lag(partition, offset, Objects.requireNonNull(ends.get(partition)), first)));
            lags.put(group, all);
        });
        return new LagSnapshot(Instant.now(), lags);
    }

    private static PartitionLag lag(TopicPartition partition, long offset, long end, Map<Place, Long> first) {
        Place place = new Place(partition, offset);
        boolean nothingFollows = FirstRecords.NONE.equals(first.get(place));
        Long timestamp = nothingFollows ? null : first.get(place);
        return new PartitionLag(
                partition.partition(),
                offset,
                end,
                nothingFollows ? 0 : Math.max(0, end - offset),
                timestamp == null ? null : Instant.ofEpochMilli(timestamp));
    }

    private static Map<TopicPartition, Long> offsets(Admin brokers, List<TopicPartition> partitions, OffsetSpec spec)
            throws ExecutionException, InterruptedException, TimeoutException {
        Map<TopicPartition, Long> offsets = new HashMap<>();
        answer(brokers.listOffsets(
                                partitions.stream()
                                        .collect(Collectors.toMap(partition -> partition, partition -> spec)),
                                COMMITTED)
                        .all())
                .forEach((partition, offset) -> offsets.put(partition, offset.offset()));
        return offsets;
    }

    private static <T> T answer(KafkaFuture<T> future)
            throws ExecutionException, InterruptedException, TimeoutException {
        return future.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void close() {
        if (admin != null) {
            admin.close(Duration.ZERO);
            admin = null;
        }
    }

    @Override
    public void destroy() {
        asking.lock();
        try {
            close();
        } finally {
            asking.unlock();
        }
    }
}
