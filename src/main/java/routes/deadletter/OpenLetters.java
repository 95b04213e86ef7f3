package routes.deadletter;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import routes.deadletter.DeadLetterTopic.Shelf;
import routes.delivery.ConsumerGroup;
import routes.delivery.ConsumerGroups;
import routes.kafka.DomainEventsSettings;
import routes.settings.Statements;

/**
 * Counts the dead letters that nobody has re-driven or discarded yet, at intervals, so that looking costs the brokers nothing. What
 * cannot be counted is unknown rather than stale.
 */
@Component
public class OpenLetters {

    private static final Logger LOG = LoggerFactory.getLogger(OpenLetters.class);

    private final ConsumerGroups groups;
    private final DeadLetterTopic topic;
    private final DomainEventsSettings settings;
    private final Statements sql;
    private final MultiGauge gauge;
    private final Map<String, Long> open = new ConcurrentHashMap<>();
    private final Set<String> uncounted = ConcurrentHashMap.newKeySet();

    OpenLetters(
            ConsumerGroups groups,
            DeadLetterTopic topic,
            DomainEventsSettings settings,
            Statements sql,
            MeterRegistry metrics) {
        this.groups = groups;
        this.topic = topic;
        this.settings = settings;
        this.sql = sql;
        this.gauge = MultiGauge.builder("domain.events.dead.letters.open").register(metrics);
    }

    /** Counts them, and forgets what was done with old ones that are gone. Never throws: it is logged once what cannot be counted. */
    public void refresh() {
        for (ConsumerGroup group : groups.all()) {
            try {
                open.put(group.name(), count(group.name()));
                uncounted.remove(group.name());
            } catch (DeadLettersUnavailableException | DataAccessException | TransactionException e) {
                open.remove(group.name());
                if (uncounted.add(group.name())) {
                    LOG.warn("The open dead letters of {} cannot be counted: {}", group.name(), e.getMessage());
                }
            }
        }
        gauge.register(
                open.entrySet().stream()
                        .map(some -> Row.of(Tags.of("group", some.getKey()), some.getValue()))
                        .toList(),
                true);
    }

    private long count(String group) {
        List<Shelf> shelves = topic.shelves(group);
        Map<String, Object> parameters = Map.of(
                "group", group,
                "age", settings.deadLetterRetention().toSeconds(),
                "partitions", texts(shelves, Shelf::partition),
                "begins", texts(shelves, Shelf::begin),
                "ends", texts(shelves, Shelf::end),
                "since", texts(shelves, Shelf::since));
        sql.of("deadletter/purge-actions").params(parameters).update();
        return sql.of("deadletter/count-open")
                .params(parameters)
                .query(Long.class)
                .single();
    }

    private static String[] texts(List<Shelf> shelves, Function<Shelf, ?> value) {
        return shelves.stream().map(value).map(String::valueOf).toArray(String[]::new);
    }

    /** How many of a group were open when they were last counted; empty if unknown. */
    public OptionalLong of(String group) {
        Long count = open.get(group);
        return count == null ? OptionalLong.empty() : OptionalLong.of(count);
    }
}
