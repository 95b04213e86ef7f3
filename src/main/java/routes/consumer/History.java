package routes.consumer;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;
import routes.consumer.Lags.LagSnapshot;
import routes.consumer.Lags.PartitionLag;

/** How each group has done in the last hour, across all instances: at most 240 samples per group, in memory. */
@Component
public class History {

    static final Duration SPAN = Duration.ofHours(1);
    static final int SAMPLES = 240;

    /** Snapshots that come sooner than this are skipped. */
    static final Duration SPACING = SPAN.dividedBy(SAMPLES);

    private final Lags lags;
    private final Map<String, Deque<Sample>> samples = new HashMap<>();
    private final Map<String, LagSnapshot> last = new HashMap<>();

    History(Lags lags) {
        this.lags = lags;
    }

    /**
     * A group at a moment.
     *
     * @param perSecond records committed per second since the previous sample
     * @param lag uncommitted records
     */
    public record Sample(Instant at, double perSecond, long lag) {}

    /** Adds the latest snapshot; while the brokers do not answer there is a gap. */
    public void observe() {
        lags.latest().ifPresent(this::take);
    }

    synchronized void take(LagSnapshot look) {
        for (String group : look.groups().keySet()) {
            LagSnapshot before = last.get(group);
            if (before != null && Duration.between(before.at(), look.at()).compareTo(SPACING) < 0) {
                continue;
            }
            last.put(group, look);
            if (before != null) {
                add(group, before, look);
            }
        }
    }

    private void add(String group, LagSnapshot before, LagSnapshot now) {
        Map<Integer, Long> committed = before.partitions(group).stream()
                .collect(Collectors.toMap(PartitionLag::partition, PartitionLag::committed));
        // An offset that was reset does not make the rate negative, and a new partition has none yet.
        long records = now.partitions(group).stream()
                .mapToLong(partition -> Math.max(
                        0,
                        partition.committed() - committed.getOrDefault(partition.partition(), partition.committed())))
                .sum();
        double seconds = Duration.between(before.at(), now.at()).toMillis() / 1000.0;
        Deque<Sample> of = samples.computeIfAbsent(group, any -> new ArrayDeque<>());
        of.add(new Sample(now.at(), records / seconds, now.lag(group)));
        while (of.size() > SAMPLES || of.element().at().isBefore(now.at().minus(SPAN))) {
            of.remove();
        }
    }

    /** The samples of a group, oldest first. */
    public synchronized List<Sample> of(String group) {
        return List.copyOf(samples.getOrDefault(group, new ArrayDeque<>()));
    }

    /**
     * A line through the samples as the path of an SVG, from the left an hour ago to the right now; with gaps where samples are missing.
     */
    public static String path(List<Sample> samples, Function<Sample, Double> value, int width, int height) {
        if (samples.isEmpty()) {
            return "";
        }
        Instant end = samples.get(samples.size() - 1).at();
        double max = samples.stream().mapToDouble(value::apply).max().orElse(0);
        StringBuilder path = new StringBuilder();
        Instant before = null;
        for (Sample sample : samples) {
            double x = width * (1 - (double) Duration.between(sample.at(), end).toMillis() / SPAN.toMillis());
            double y = max == 0 ? height - 1 : 1 + (height - 2) * (1 - value.apply(sample) / max);
            boolean gap =
                    before == null || Duration.between(before, sample.at()).compareTo(SPACING.multipliedBy(4)) > 0;
            path.append(gap ? "M" : "L")
                    .append(Math.round(10 * x) / 10.0)
                    .append(' ')
                    .append(Math.round(10 * y) / 10.0);
            if (gap) {
                path.append("h.1"); // a single sample is a dot
            }
            before = sample.at();
        }
        return path.toString();
    }
}
