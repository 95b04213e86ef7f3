package routes.history;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import routes.event.EventJson;
import routes.settings.Statements;

/**
 * What each group did, minute by minute, for two days. Each instance counts in memory, and adds a minute to the table when it is over:
 * one statement a minute. What a killed instance had not written is missing; if the answer to a write is lost, its minutes count twice.
 */
@Component
public class History implements DisposableBean {

    private static final Logger LOG = LoggerFactory.getLogger(History.class);

    /** How long minutes are kept. */
    public static final Duration KEPT = Duration.ofDays(2);

    /** How an event or an attempt can end: the values of the metric's tag, and columns. */
    public static final List<String> OUTCOMES = List.of("delivered", "skipped", "manual", "failed", "retry");

    private final Statements sql;
    private final TreeMap<Instant, Map<String, Counted>> counted = new TreeMap<>();

    History(Statements sql) {
        this.sql = sql;
    }

    /** A group in a minute, or a step of several. */
    private static final class Counted {
        private final int[] outcomes = new int[OUTCOMES.size()];
        private final Ages ages = new Ages();
        private @Nullable Long lag;

        private void behind(long records) {
            lag = lag == null ? records : Math.max(records, lag);
        }

        private void add(ResultSet row) throws SQLException {
            for (int i = 0; i < outcomes.length; i++) {
                outcomes[i] += row.getInt(OUTCOMES.get(i));
            }
            Long records = row.getObject("lag", Long.class);
            if (records != null) {
                behind(records);
            }
            ages.add((Integer[]) row.getArray("ages").getArray());
        }

        private Step from(Instant from) {
            return new Step(from, Arrays.stream(outcomes).boxed().toList(), lag, ages);
        }
    }

    /**
     * An attempt ended, or an event was processed without one.
     *
     * @param outcome one of {@link #OUTCOMES}
     */
    public synchronized void ended(String group, String outcome) {
        now(group).outcomes[OUTCOMES.indexOf(outcome)]++;
    }

    /** An event was done so long after it happened. */
    public synchronized void done(String group, Duration age) {
        now(group).ages.add(age);
    }

    /** So many records of the topic are before a group. */
    public synchronized void behind(String group, long lag) {
        now(group).behind(lag);
    }

    private Counted now(String group) {
        return counted.computeIfAbsent(Instant.now().truncatedTo(ChronoUnit.MINUTES), minute -> new HashMap<>())
                .computeIfAbsent(group, name -> new Counted());
    }

    /** Writes the minutes that are over. While the database is down, they wait. */
    public void write() {
        writeBefore(Instant.now().truncatedTo(ChronoUnit.MINUTES));
    }

    private void writeBefore(Instant end) {
        ArrayNode rows = EventJson.mapper().createArrayNode();
        synchronized (this) {
            counted.headMap(Instant.now().minus(KEPT)).clear();
            counted.headMap(end)
                    .forEach((minute, groups) ->
                            groups.forEach((group, counts) -> rows.add(row(minute, group, counts))));
        }
        if (!rows.isEmpty()) {
            sql.of("history/write", "rows", rows.toString(), "kept", KEPT.toSeconds())
                    .update();
            synchronized (this) {
                counted.headMap(end).clear(); // nothing is added to a minute that is over
            }
        }
    }

    private static ObjectNode row(Instant minute, String group, Counted counts) {
        ObjectNode row = EventJson.mapper().createObjectNode();
        row.put("minute", minute.toString()).put("consumer_group", group).put("lag", counts.lag);
        OUTCOMES.forEach(outcome -> row.put(outcome, counts.outcomes[OUTCOMES.indexOf(outcome)]));
        return row.set("ages", EventJson.mapper().valueToTree(counts.ages.counts()));
    }

    /** What was counted until the end is not lost, unless the database is down. */
    @Override
    public void destroy() {
        try {
            writeBefore(Instant.MAX);
        } catch (DataAccessException | TransactionException e) {
            LOG.warn("What was counted in the last minute is missing in the plots: {}", e.getMessage());
        }
    }

    /**
     * A group in a step of time.
     *
     * @param from the beginning of the step
     * @param outcomes how often each happened, in the order of {@link #OUTCOMES}
     * @param lag the most records it was behind; null if unknown
     * @param ages what the percentiles are of
     */
    public record Step(
            Instant from, List<Integer> outcomes, @Nullable Long lag, Ages ages) {

        /** How often an outcome happened. */
        public int of(String outcome) {
            return outcomes.get(OUTCOMES.indexOf(outcome));
        }

        /** What was handled to the end: all but retries. */
        public int handled() {
            return outcomes.stream().mapToInt(Integer::intValue).sum() - of("retry");
        }

        /** How old events were when they were done, at most, for this share of them, in milliseconds; NaN without any. */
        public double percentile(double share) {
            return ages.percentile(share);
        }
    }

    /**
     * The groups that did something, each with its steps, oldest first; steps without a row in the table are left out.
     *
     * @param since the beginning of the first step
     * @param step how long a step is, in whole minutes
     */
    public Map<String, List<Step>> since(Instant since, Duration step) {
        Map<String, TreeMap<Instant, Counted>> all = new TreeMap<>();
        sql.of("history/read", "since", since.atOffset(ZoneOffset.UTC)).query(row -> {
            Instant minute = row.getObject("minute", OffsetDateTime.class).toInstant();
            all.computeIfAbsent(row.getString("consumer_group"), group -> new TreeMap<>())
                    .computeIfAbsent(
                            since.plus(step.multipliedBy(
                                    Duration.between(since, minute).dividedBy(step))),
                            from -> new Counted())
                    .add(row);
        });
        Map<String, List<Step>> steps = new TreeMap<>();
        all.forEach((group, counts) -> steps.put(
                group,
                counts.entrySet().stream()
                        .map(entry -> entry.getValue().from(entry.getKey()))
                        .toList()));
        return steps;
    }
}
