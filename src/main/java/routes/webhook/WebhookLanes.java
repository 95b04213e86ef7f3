package routes.webhook;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToIntFunction;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.support.SynchronizationAdapter;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.ApplicationListener;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.core.retry.RetryTemplate;
import org.springframework.stereotype.Component;
import routes.background.Threads;
import routes.delivery.Delivery;
import routes.delivery.DeliveryLedger;
import routes.delivery.Lanes;
import routes.delivery.NoRoomException;
import routes.event.EventData.RewardEarned;
import routes.event.Ids;
import routes.settings.OnRole;
import routes.settings.Role;
import routes.settings.Statements;

/**
 * Lets each receiver of webhooks be served at its own pace, so that one that hangs costs the others nothing. A call has a thread
 * of its own, not one of the group's workers, and one of {@code webhooks.connections} places. A call that has no answer after
 * {@code webhooks.slow-after} gives its place back and goes on in one of {@code webhooks.slow-connections}; there, too, are all calls
 * of a receiver that was slow or failed the last time, or has not answered yet. What a receiver that is well has no room for waits here, as far as there is
 * memory for it; all else waits in the ledger.
 */
@OnRole(Role.REWARD)
@Component
public class WebhookLanes implements Lanes, ApplicationListener<ContextClosedEvent>, DisposableBean {

    private static final Logger LOG = LoggerFactory.getLogger(WebhookLanes.class);

    /** The exchange property that holds the turn of a delivery. */
    static final String TURN = "turn";

    private static final long TICK_MILLIS = 20;

    private final Statements sql;
    private final RetryTemplate untilWritten;
    private final DeliveryLedger ledger;
    private final WebhookSettings settings;
    private final int memory;

    private final ThreadPoolExecutor threads;
    private final ScheduledExecutorService clock = Threads.rounds("webhook-lanes", 1);

    // All that follows is guarded by this.
    private final Map<String, WebhookEndpoint> endpoints = new HashMap<>();
    private final Set<WebhookEndpoint> queued = new LinkedHashSet<>();
    private final Set<WebhookTurn> calls = new LinkedHashSet<>();
    private int waiting;
    private int quick;
    private int slow;
    private int calling;
    private int finishing;
    private boolean stopping;

    WebhookLanes(
            Statements sql,
            RetryTemplate untilWritten,
            DeliveryLedger ledger,
            WebhookSettings settings,
            MeterRegistry metrics) {
        this.sql = sql;
        this.untilWritten = untilWritten;
        this.ledger = ledger;
        this.settings = settings;
        this.memory = settings.waiting();
        this.threads = threads(2 * settings.connections() + ahead() + settings.slowConnections());
        var unused = clock.scheduleWithFixedDelay(this::makeWay, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
        for (WebhookEndpoint.State state : WebhookEndpoint.State.values()) {
            gauge(metrics, "state", state.value(), lanes -> lanes.count(state));
        }
        Gauge.builder("domain.events.webhook.calls", this, lanes -> lanes.get(its -> its.calling))
                .tag("place", "quick")
                .register(metrics);
        Gauge.builder("domain.events.webhook.calls", this, lanes -> lanes.get(its -> its.slow))
                .tag("place", "slow")
                .register(metrics);
        Gauge.builder("domain.events.webhook.waiting", this, lanes -> lanes.get(its -> its.waiting))
                .register(metrics);
    }

    private void gauge(MeterRegistry metrics, String label, String value, ToIntFunction<WebhookLanes> count) {
        Gauge.builder("domain.events.webhook.endpoints", this, count::applyAsInt)
                .tag(label, value)
                .register(metrics);
    }

    private static ThreadPoolExecutor threads(int size) {
        AtomicInteger number = new AtomicInteger();
        ThreadPoolExecutor pool =
                new ThreadPoolExecutor(size, size, 30, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "webhook-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    @Override
    public String group() {
        return "reward-workers";
    }

    /**
     * Lets a delivery wait for its turn at its receiver, and for a thread of its own. One that is for no webhook goes on as it came.
     *
     * @throws NoRoomException when the receiver has no room for it, or loses it while the delivery waits
     */
    public CompletionStage<Delivery> await(@Body Delivery delivery, Exchange exchange) {
        String id = receiver(delivery);
        if (id == null) {
            return CompletableFuture.completedFuture(delivery.in(null));
        }
        ledger.hold(delivery, exchange);
        WebhookTurn turn = enter(delivery.in(id), delivery.lane() != null);
        exchange.setProperty(TURN, turn);
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                turn.close();
            }
        });
        return turn.begins();
    }

    /** The webhook that a delivery is for; null when it is for none that is registered. */
    private @Nullable String receiver(Delivery delivery) {
        if (!(delivery.event().data() instanceof RewardEarned event) || !Ids.isUuid(event.userRewardId())) {
            return null;
        }
        return untilWritten.invoke(() -> sql.of("webhook/receiver")
                .param("user_reward_id", UUID.fromString(event.userRewardId()))
                .query(String.class)
                .optional()
                .orElse(null));
    }

    /** What comes anew takes half of the memory at most: the rest is for what waits in the ledger, and was there before. */
    private synchronized WebhookTurn enter(Delivery delivery, boolean waitedBefore) {
        long now = System.nanoTime();
        WebhookEndpoint endpoint = endpoint(String.valueOf(delivery.lane()), now);
        WebhookTurn turn = new WebhookTurn(this, endpoint, delivery, threads);
        String refusal = stopping ? "the service is stopping" : endpoint.refusal(now);
        if (refusal == null && hasPlace(endpoint) && endpoint.waiting().isEmpty()) {
            begin(turn, now);
        } else if (!stopping && endpoint.isWell() && endpoint.waiting().size() < share(waitedBefore)) {
            endpoint.waiting().add(turn);
            queued.add(endpoint);
            waiting++;
        } else {
            throw new NoRoomException(
                    delivery,
                    "waits for its webhook: "
                            + (refusal == null ? "too much is under way to others, or waits" : refusal));
        }
        return turn;
    }

    private WebhookEndpoint endpoint(String id, long now) {
        return endpoints.computeIfAbsent(id, unknown -> new WebhookEndpoint(unknown, settings, now));
    }

    /** As much as is left: so two that are busy share the memory evenly, and there is always some left for a third. */
    private int share(boolean waitedBefore) {
        return (waitedBefore ? memory : memory / 2) - waiting;
    }

    private boolean hasPlace(WebhookEndpoint endpoint) {
        return endpoint.isQuick()
                ? quick < settings.connections() + ahead() && quick + finishing < 2 * settings.connections() + ahead()
                : slow < settings.slowConnections();
    }

    private void begin(WebhookTurn turn, long now) {
        boolean slowPlace = !turn.endpoint().isQuick();
        if (slowPlace) {
            slow++;
        } else {
            quick++;
        }
        turn.endpoint().began(now);
        turn.begin(slowPlace);
    }

    /** Some are begun and looked up while the connections are in use, so that none waits for the database. */
    private int ahead() {
        return 1 + settings.connections() / 4;
    }

    /** Waits for a connection that is free: a moment at most. From then on the call may become overdue. */
    synchronized void calling(WebhookTurn turn) {
        try {
            while (!turn.isOfTheSlow() && calling >= settings.connections()) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The service ends before the webhook is called", e);
        }
        if (!turn.isOfTheSlow()) {
            calling++;
        }
        turn.called(System.nanoTime());
        calls.add(turn);
    }

    /** A call has ended. Its outcome has yet to be written, which is bounded too: a crash would repeat what is not. */
    synchronized void ended(WebhookTurn turn, Verdict verdict) {
        if (turn.isUnderWay()) {
            end(turn);
            finishing++;
            verdict.tell(turn.endpoint(), turn.isOverdue());
            dispatch(System.nanoTime());
        }
    }

    /** The delivery is done with: its outcome is written, or there was no call, or it never had its turn. */
    synchronized void closed(WebhookTurn turn) {
        if (turn.isUnderWay()) {
            end(turn);
        } else if (turn.isBegun()) {
            finishing--;
        }
        dispatch(System.nanoTime());
    }

    /** What came of a call. */
    @FunctionalInterface
    interface Verdict {
        void tell(WebhookEndpoint endpoint, boolean late);
    }

    synchronized void failed(WebhookTurn turn, @Nullable Duration pause) {
        if (turn.isUnderWay()) {
            end(turn);
            finishing++;
            long now = System.nanoTime();
            if (turn.endpoint().failed(now, pause)) {
                LOG.warn(
                        "webhook {} is left alone for {} s: {}",
                        turn.endpoint().id(),
                        turn.endpoint().openFor(now).toSeconds(),
                        pause == null ? "it keeps failing" : "it asked for a pause");
            }
            dispatch(now);
        }
    }

    private void end(WebhookTurn turn) {
        turn.end();
        if (calls.remove(turn) && !turn.isOfTheSlow()) {
            calling--;
            notifyAll();
        }
        turn.endpoint().ended(turn.isOverdue());
        if (turn.isOfTheSlow()) {
            slow--;
        } else {
            quick--;
        }
    }

    /** Begins what has room, one of each receiver in turn; what waits for a receiver that is no longer well goes to the ledger. */
    private void dispatch(long now) {
        boolean some = true;
        while (some) {
            some = false;
            for (WebhookEndpoint endpoint : List.copyOf(queued)) {
                if (!endpoint.isWell()) {
                    give(endpoint, "waits for its webhook, which is slow or failing");
                } else if (hasPlace(endpoint) && endpoint.refusal(now) == null) {
                    queued.remove(endpoint); // and behind the others
                    begin(endpoint.waiting().remove(), now);
                    waiting--;
                    if (!endpoint.waiting().isEmpty()) {
                        queued.add(endpoint);
                    }
                    some = true;
                }
            }
        }
    }

    private void give(WebhookEndpoint endpoint, String reason) {
        queued.remove(endpoint);
        waiting -= endpoint.waiting().size();
        for (WebhookTurn turn : endpoint.waiting()) {
            turn.giveUp(reason);
        }
        endpoint.waiting().clear();
    }

    /** Moves calls that have become slow out of the way of the others, and begins what waited for a rate. */
    private synchronized void makeWay() {
        long now = System.nanoTime();
        Iterator<WebhookTurn> oldest = calls.iterator();
        while (oldest.hasNext()) {
            WebhookTurn turn = oldest.next();
            if (now - turn.called() < settings.slowAfter().toNanos()) {
                break; // in the order in which they were made
            }
            if (!turn.isOverdue()) {
                turn.becomeOverdue();
                turn.endpoint().becameOverdue();
            }
            if (!turn.isOfTheSlow() && slow < settings.slowConnections()) {
                turn.moveToTheSlow();
                quick--;
                slow++;
                calling--;
                notifyAll();
            }
        }
        dispatch(now);
    }

    @Override
    public synchronized Map<String, Integer> room(Map<String, Integer> coming) {
        long now = System.nanoTime();
        int free = Math.max(
                0, memory - waiting - coming.values().stream().mapToInt(n -> n).sum());
        int slowPlaces = settings.slowConnections() - slow;
        Map<String, Integer> room = new HashMap<>();
        for (WebhookEndpoint endpoint : endpoints.values()) {
            int known = endpoint.waiting().size() + coming.getOrDefault(endpoint.id(), 0);
            int its = endpoint.isWell() ? free : slowPlaces > 0 ? endpoint.room(now) : 0;
            room.put(endpoint.id(), Math.max(0, its - known));
        }
        return room;
    }

    /** How this instance deals with a receiver. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Live(
            String state,
            int inFlight,
            int waiting,
            int cap,
            @Nullable Long openForSeconds) {}

    /** How this instance deals with a receiver now; one that it has not dealt with yet may be called. */
    public synchronized Live live(String id) {
        long now = System.nanoTime();
        WebhookEndpoint endpoint = endpoint(id, now);
        return new Live(
                endpoint.state(now).value(),
                endpoint.inFlight(),
                endpoint.waiting().size(),
                endpoint.cap(now),
                endpoint.state(now) == WebhookEndpoint.State.OPEN
                        ? endpoint.openFor(now).toSeconds() + 1
                        : null);
    }

    /** Forgets that a receiver has failed: what waits for it is carried out again, or fails at once. */
    public synchronized void reset(String id) {
        endpoint(id, System.nanoTime()).reset();
    }

    private synchronized int count(WebhookEndpoint.State state) {
        long now = System.nanoTime();
        return (int) endpoints.values().stream()
                .filter(endpoint -> endpoint.state(now) == state)
                .count();
    }

    private synchronized int get(ToIntFunction<WebhookLanes> count) {
        return count.applyAsInt(this);
    }

    /** What waits goes back to the ledger before Camel waits for what is under way. */
    @Override
    public synchronized void onApplicationEvent(ContextClosedEvent closed) {
        stopping = true;
        giveBack();
    }

    @Override
    public synchronized void giveBack() {
        for (WebhookEndpoint endpoint : new ArrayList<>(queued)) {
            give(endpoint, "its workers are leaving");
        }
    }

    @Override
    public void destroy() {
        clock.shutdownNow();
        threads.shutdownNow();
    }
}
