package routes.webhook;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import routes.webhook.WebhookCall.State;

/**
 * Decides which webhook is called when. Calls to healthy receivers use {@code webhooks.connections}. Calls to slow, failing or new ones use
 * {@code webhooks.slow-connections}, and a call without an answer after {@code webhooks.slow-after} moves there. Receivers take turns, one
 * call each. Deliveries for healthy receivers wait here, as far as there is room; all others wait in the ledger.
 *
 * <p>It has no threads, no locks and no clock: every method takes the time, as of {@link System#nanoTime()}, and returns at once.
 * {@link WebhookLanes} guards it.
 */
final class WebhookScheduler {

    private final WebhookSettings settings;
    private final Map<String, Receiver> receivers = new HashMap<>();

    /** Receivers with waiting calls, in order of their turns. */
    private final Set<Receiver> queued = new LinkedHashSet<>();

    /** Calls that only wait for a connection. */
    private final Set<WebhookCall> prepared = new LinkedHashSet<>();

    /** Calls under way, in the order in which they began. */
    private final Set<WebhookCall> called = new LinkedHashSet<>();

    private final Map<State, Integer> counts = new EnumMap<>(State.class);
    private boolean stopping;

    WebhookScheduler(WebhookSettings settings) {
        this.settings = settings;
    }

    /** How many calls may have their turn before they have a connection, so that no connection waits for the database. */
    static int ahead(WebhookSettings settings) {
        return 1 + settings.connections() / 4;
    }

    /** A receiver; an unknown one may be called. */
    Receiver receiver(String id, long now) {
        return receivers.computeIfAbsent(id, unknown -> new Receiver(unknown, settings, now));
    }

    /**
     * A call arrives: it gets its turn, or waits for it.
     *
     * @param isNew whether it has just been recorded. Such calls use at most half of the room: the rest is for deliveries
     *     that waited in the ledger
     * @return why there is no room for it; null if there is
     */
    @Nullable
    String enter(WebhookCall call, boolean isNew, long now) {
        if (stopping) {
            return "the service is stopping";
        }
        Receiver receiver = call.receiver;
        String refusal = receiver.refusal(now);
        if (refusal == null && hasPlace(receiver) && receiver.waiting().isEmpty()) {
            begin(call, now);
            return null;
        }
        if (receiver.isWell() && receiver.waiting().size() < share(isNew)) {
            move(call, State.WAITING);
            receiver.waiting().add(call);
            queued.add(receiver);
            return null;
        }
        return refusal == null ? "too many calls to other webhooks are under way or waiting" : refusal;
    }

    /** As much as is left free: so two busy receivers share the room evenly, and some is always left for a third. */
    private int share(boolean isNew) {
        return (isNew ? settings.waiting() / 2 : settings.waiting()) - count(State.WAITING);
    }

    /** At most as many unwritten outcomes as connections: that bounds what a crash would repeat. */
    private boolean hasQuickPlace() {
        int turns = count(State.PREPARING) + count(State.QUICK);
        int connections = settings.connections();
        int ahead = ahead(settings);
        return turns < connections + ahead && turns + count(State.FINISHING) < 2 * connections + ahead;
    }

    private boolean hasSlowPlace() {
        return count(State.SLOW) < settings.slowConnections();
    }

    private boolean hasPlace(Receiver receiver) {
        return receiver.isQuick() ? hasQuickPlace() : hasSlowPlace();
    }

    private void begin(WebhookCall call, long now) {
        move(call, call.receiver.isQuick() ? State.PREPARING : State.SLOW);
        call.receiver.began(now);
        call.begin();
    }

    /** A call that has its turn wants to connect: now, or as soon as a connection is free. */
    void prepared(WebhookCall call, long now) {
        if (call.state == State.SLOW) {
            connect(call, now);
        } else if (call.state == State.PREPARING) {
            prepared.add(call);
            connectNext(now);
        }
    }

    private void connectNext(long now) {
        Iterator<WebhookCall> next = prepared.iterator();
        while (next.hasNext() && count(State.QUICK) < settings.connections()) {
            WebhookCall call = next.next();
            next.remove();
            move(call, State.QUICK);
            connect(call, now);
        }
    }

    private void connect(WebhookCall call, long now) {
        call.calledAt = now;
        called.add(call);
        call.connection.complete(null);
    }

    /** What a receiver did: it accepted the delivery; it refused it, but is healthy; or it failed. */
    enum Result {
        SUCCEEDED,
        REFUSED,
        FAILED
    }

    /**
     * A call has ended; its outcome is still to be written.
     *
     * @param pause the pause that the receiver asked for; null if none
     * @return whether its circuit breaker has opened
     */
    boolean ended(WebhookCall call, Result result, @Nullable Duration pause, long now) {
        if (!call.hasTurn()) {
            return false;
        }
        end(call);
        move(call, State.FINISHING);
        Receiver receiver = call.receiver;
        boolean opened = false;
        switch (result) {
            case SUCCEEDED -> receiver.succeeded(call.overdue);
            case REFUSED -> receiver.refused(call.overdue);
            case FAILED -> opened = receiver.failed(now, pause);
        }
        giveBackUnlessWell(receiver);
        beginNext(now);
        return opened;
    }

    /** A call is finished: its outcome is written, or it never called. */
    void done(WebhookCall call, long now) {
        if (call.hasTurn()) {
            end(call);
        }
        move(call, State.NONE);
        beginNext(now);
    }

    private void end(WebhookCall call) {
        prepared.remove(call);
        called.remove(call);
        call.receiver.ended(call.overdue);
    }

    /** Moves slow calls out of the way of the others, and begins calls that waited for a rate limit. */
    void tick(long now) {
        for (WebhookCall call : called) {
            if (now - call.calledAt < settings.slowAfter().toNanos()) {
                break;
            }
            if (!call.overdue) {
                call.overdue = true;
                call.receiver.becameOverdue();
                giveBackUnlessWell(call.receiver);
            }
            if (call.state == State.QUICK && hasSlowPlace()) {
                move(call, State.SLOW);
            }
        }
        beginNext(now);
    }

    /** Connects and begins as many calls as there is room for, one of each receiver in turn. */
    private void beginNext(long now) {
        connectNext(now);
        List<Receiver> served = new ArrayList<>();
        do {
            queued.addAll(served); // behind the others
            served.clear();
            Iterator<Receiver> next = queued.iterator();
            while (next.hasNext() && (hasQuickPlace() || hasSlowPlace())) {
                Receiver receiver = next.next();
                if (hasPlace(receiver) && receiver.room(now) > 0) {
                    begin(receiver.waiting().remove(), now);
                    next.remove();
                    if (!receiver.waiting().isEmpty()) {
                        served.add(receiver);
                    }
                }
            }
        } while (!served.isEmpty());
    }

    /** Sends calls back to the ledger that wait for a receiver that is no longer healthy. */
    private void giveBackUnlessWell(Receiver receiver) {
        if (!receiver.isWell()) {
            giveBack(receiver, "waits for its webhook, which is slow or failing");
        }
    }

    private void giveBack(Receiver receiver, String reason) {
        queued.remove(receiver);
        for (WebhookCall call : receiver.waiting()) {
            move(call, State.NONE);
            call.giveBack(reason);
        }
        receiver.waiting().clear();
    }

    /** Sends all waiting calls back to the ledger. */
    void giveBack() {
        for (Receiver receiver : List.copyOf(queued)) {
            giveBack(receiver, "its workers are stopping");
        }
    }

    /** Sends all waiting calls back, and accepts no more from now on. */
    void stop() {
        stopping = true;
        giveBack();
    }

    /**
     * How many calls may arrive now, by receiver. Receivers that have not been called for a while are forgotten.
     *
     * @param coming how many are on their way
     */
    Map<String, Integer> room(Map<String, Integer> coming, long now) {
        int onTheirWay = coming.values().stream().mapToInt(n -> n).sum();
        int memory = settings.waiting() - count(State.WAITING) - onTheirWay;
        receivers.values().removeIf(receiver -> receiver.isForgotten(now));
        Map<String, Integer> room = new HashMap<>();
        receivers.forEach((id, receiver) -> {
            int its = receiver.isWell() ? memory : hasSlowPlace() ? receiver.room(now) : 0;
            int known = receiver.waiting().size() + coming.getOrDefault(id, 0);
            room.put(id, Math.max(0, its - known));
        });
        return room;
    }

    /** How many calls are in a state. */
    int count(State state) {
        return counts.getOrDefault(state, 0);
    }

    /** How many receivers have their circuit breaker in a state. */
    int count(Receiver.State state, long now) {
        return (int) receivers.values().stream()
                .filter(receiver -> receiver.state(now) == state)
                .count();
    }

    /** Whether no call is waiting or under way: each has moved from {@link State#NONE} and back. */
    boolean isIdle() {
        return count(State.NONE) == 0;
    }

    private void move(WebhookCall call, State next) {
        counts.merge(call.state, -1, Integer::sum);
        counts.merge(next, 1, Integer::sum);
        call.state = next;
    }
}
