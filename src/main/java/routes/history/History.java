package routes.history;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
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

    private static final class Counted {
        private final int[] outcomes = new int[OUTCOMES.size()];
        private final Ages ages = new Ages();
        private @Nullable Long lag;
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
        Counted counts = now(group);
        counts.lag = counts.lag == null ? lag : Math.max(lag, counts.lag);
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
            Instant from, int[] outcomes, @Nullable Long lag, Ages ages) {

        /** How often an outcome happened. */
        public int of(String outcome) {
            return outcomes[OUTCOMES.indexOf(outcome)];
        }

        /** What was handled to the end: all but retries. */
        public int handled() {
            return Arrays.stream(outcomes).sum() - of("retry");
        }

        /** How old events were when they were done, at most, for this share of them, in milliseconds; NaN without any. */
        public double percentile(double share) {
            return ages.percentile(share);
        }
    }

    private record Minute(
            Instant at,
            String group,
            int[] outcomes,
            @Nullable Long lag,
            int[] ages) {}

    /**
     * The groups that did something, each with its steps, oldest first; steps without a row in the table are left out.
     *
     * @param since the beginning of the first step
     * @param step how long a step is, in whole minutes
     */
    public Map<String, List<Step>> since(Instant since, Duration step) {
        Map<String, List<Step>> all = new TreeMap<>();
        sql.of("history/read", "since", since.atOffset(ZoneOffset.UTC))
                .query(History::minute)
                .list()
                .forEach(minute -> add(
                        all.computeIfAbsent(minute.group(), group -> new ArrayList<>()),
                        minute,
                        since.plus(step.multipliedBy(
                                Duration.between(since, minute.at()).dividedBy(step)))));
        return all;
    }

    private static void add(List<Step> steps, Minute minute, Instant from) {
        Step last = steps.isEmpty() ? null : steps.get(steps.size() - 1);
        if (last == null || !last.from().equals(from)) {
            last = new Step(from, new int[OUTCOMES.size()], null, new Ages());
            steps.add(last);
        }
        for (int i = 0; i < last.outcomes().length; i++) {
            last.outcomes()[i] += minute.outcomes()[i];
        }
        last.ages().add(minute.ages());
        if (minute.lag() != null && (last.lag() == null || minute.lag() > last.lag())) {
            steps.set(steps.size() - 1, new Step(from, last.outcomes(), minute.lag(), last.ages()));
        }
    }

    private static Minute minute(ResultSet row, int number) throws SQLException {
        int[] outcomes = new int[OUTCOMES.size()];
        for (int i = 0; i < outcomes.length; i++) {
            outcomes[i] = row.getInt(OUTCOMES.get(i));
        }
        Array ages = row.getArray("ages");
        return new Minute(
                row.getObject("minute", OffsetDateTime.class).toInstant(),
                row.getString("consumer_group"),
                outcomes,
                row.getObject("lag", Long.class),
                Arrays.stream((Integer[]) ages.getArray())
                        .mapToInt(Integer::intValue)
                        .toArray());
    }
}
