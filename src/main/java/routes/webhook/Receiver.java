package routes.webhook;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * A receiver of webhooks, as seen by this instance: its limit of concurrent calls, its rate, and its circuit breaker. The limit grows by
 * one with each success, up to a setting. A failing receiver gets one call at a time, until the breaker opens; then none for a while; then
 * one trial call. Times are those of {@link System#nanoTime()}. Not thread-safe: {@link WebhookLanes} guards it.
 */
final class Receiver {

    private static final double JITTER = 0.2;
    private static final int MOST_DOUBLINGS = 20;

    /** The states of the circuit breaker: the receiver is called; it is not called; one trial call. */
    enum State {
        CLOSED,
        OPEN,
        HALF_OPEN;

        /** The state as spelled in metrics and operations. */
        String value() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * In addition to twice the longest pause, so that no breaker is forgotten while it matters. The application does not say when a campaign
     * and its webhook end, and an instance may run for months: so receivers are forgotten once they are idle.
     */
    private static final Duration REMEMBERED = Duration.ofMinutes(10);

    private final String id;
    private final WebhookSettings settings;
    private final Deque<WebhookCall> waiting = new ArrayDeque<>();

    private int inFlight;
    private int overdue;
    private boolean slow;
    private boolean known;
    private int growing = 1;
    private int failures;
    private boolean opened;
    private int openings;
    private long openUntil;
    private double tokens;
    private long tokensAt;
    private long usedAt;

    Receiver(String id, WebhookSettings settings, long now) {
        this.id = id;
        this.settings = settings;
        this.tokens = settings.ratePerEndpoint();
        this.tokensAt = now;
        this.usedAt = now;
    }

    String id() {
        return id;
    }

    /** The calls that wait in memory for their turn. */
    Deque<WebhookCall> waiting() {
        return waiting;
    }

    State state(long now) {
        if (!opened) {
            return State.CLOSED;
        }
        return now - openUntil < 0 ? State.OPEN : State.HALF_OPEN;
    }

    /** How long it will still not be called. */
    Duration openFor(long now) {
        return state(now) == State.OPEN ? Duration.ofNanos(openUntil - now) : Duration.ZERO;
    }

    /** The current limit of concurrent calls. */
    int cap(long now) {
        return switch (state(now)) {
            case OPEN -> 0;
            case HALF_OPEN -> 1;
            case CLOSED -> failures > 0 || overdue > 0 ? 1 : growing;
        };
    }

    /** Whether it is healthy: only then may its deliveries wait in memory. */
    boolean isWell() {
        return failures == 0 && overdue == 0 && !slow && !opened;
    }

    /** Whether it has answered, and quickly: only then do its calls use the connections for healthy receivers. */
    boolean isQuick() {
        return known && isWell();
    }

    /** Why no call may begin now; null if one may. */
    @Nullable
    String refusal(long now) {
        if (state(now) == State.OPEN) {
            return "its circuit breaker is open for another %d s: it keeps failing, or asked for a pause"
                    .formatted(openFor(now).toSeconds() + 1);
        }
        if (inFlight >= cap(now)) {
            return "it has %d calls under way".formatted(inFlight);
        }
        return tokens(now) < 1 ? "it has had its %d calls this second".formatted(settings.ratePerEndpoint()) : null;
    }

    /** Whether no call to it has begun for so long that it may be forgotten: the next call treats it as new. */
    boolean isForgotten(long now) {
        Duration idle = Duration.ofNanos(now - usedAt);
        return inFlight == 0
                && waiting.isEmpty()
                && idle.minus(settings.breakerMaxPause().multipliedBy(2)).compareTo(REMEMBERED) > 0;
    }

    /** How many calls may begin now. */
    int room(long now) {
        return Math.max(0, Math.min(cap(now) - inFlight, (int) tokens(now)));
    }

    private double tokens(long now) {
        double rate = settings.ratePerEndpoint();
        tokens = Math.min(rate, tokens + rate * (now - tokensAt) / 1e9);
        tokensAt = now;
        return tokens;
    }

    void began(long now) {
        tokens = tokens(now) - 1;
        usedAt = now;
        inFlight++;
    }

    /** A call takes long: until it has ended, no other begins. */
    void becameOverdue() {
        overdue++;
    }

    /** A call has ended, whatever came of it. */
    void ended(boolean wasOverdue) {
        inFlight--;
        if (wasOverdue) {
            overdue--;
        }
    }

    /** It accepted the delivery. */
    void succeeded(boolean late) {
        refused(late);
        growing = Math.min(settings.connectionsPerEndpoint(), growing + 1);
    }

    /** It refused this one delivery, but is healthy. */
    void refused(boolean late) {
        reset();
        known = true;
        slow = late;
    }

    /**
     * It failed: no answer, or one that signals a problem.
     *
     * @param pause the pause that it asked for; null if none. If it asks for a day it is tried earlier: it may not mean every delivery
     * @return whether the breaker has opened
     */
    boolean failed(long now, @Nullable Duration pause) {
        boolean trips = state(now) == State.HALF_OPEN || failures + 1 >= settings.breakerFailures();
        failures++;
        growing = Math.max(1, growing / 2);
        if (state(now) == State.OPEN || !(trips || pause != null)) {
            return false;
        }
        long wait =
                pause == null ? 0 : shorter(pause, settings.breakerMaxPause()).toNanos();
        if (trips) {
            Duration backoff = settings.breakerPause().multipliedBy(1L << Math.min(openings, MOST_DOUBLINGS));
            wait = Math.max(wait, jittered(shorter(backoff, settings.breakerMaxPause())));
            openings++;
        }
        opened = true;
        openUntil = now + wait;
        return true;
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private static long jittered(Duration pause) {
        return (long) (pause.toNanos() * ThreadLocalRandom.current().nextDouble(1 - JITTER, 1 + JITTER));
    }

    /** Forgets its failures. */
    void reset() {
        failures = 0;
        opened = false;
        openings = 0;
        slow = false;
    }

    /** Its state, for operators. */
    WebhookLanes.Live live(long now) {
        Long openForSeconds = state(now) == State.OPEN ? openFor(now).toSeconds() + 1 : null;
        return new WebhookLanes.Live(state(now).value(), inFlight, waiting.size(), cap(now), openForSeconds);
    }
}
