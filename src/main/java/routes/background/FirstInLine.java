package routes.background;

import java.time.Duration;
import java.util.Optional;

/**
 * The first of the rows that a relay publishes in the order of their ids, as this instance sees it. While rows are published, the first one
 * keeps changing.
 *
 * @param row its id; 0 if none waits
 * @param since when this instance first saw it there, in {@link System#nanoTime()}
 */
public record FirstInLine(long row, long since) {

    /** Longer than publishing waits for brokers ({@code max-block-ms} and {@code delivery-timeout-ms}), and a second try. */
    private static final Duration LONG = Duration.ofMinutes(1);

    /** A row that is seen there for the first time. */
    public static FirstInLine of(long row) {
        return new FirstInLine(row, System.nanoTime());
    }

    /** The first row as it is seen now: this one, or another. */
    public FirstInLine then(long now) {
        return now == row ? this : of(now);
    }

    /** How long the row has been the first. */
    public Duration stuck() {
        return row == 0 ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - since);
    }

    /**
     * Why rows are not published, in words for an operator; empty if they are, or the first has waited for at most a minute.
     *
     * @param route the relay
     * @param started whether it is, on this instance
     * @param reasons what may hold up a row
     */
    public Optional<String> heldBecause(String route, boolean started, String reasons) {
        if (!started) {
            return Optional.of("the route %s is stopped on this instance".formatted(route));
        }
        Duration stuck = stuck();
        return stuck.compareTo(LONG) > 0
                ? Optional.of("row %d has been first in line for %d s: %s".formatted(row, stuck.toSeconds(), reasons))
                : Optional.empty();
    }
}
