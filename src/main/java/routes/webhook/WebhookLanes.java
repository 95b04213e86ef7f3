package routes.webhook;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.support.SynchronizationAdapter;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.ApplicationListener;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.scheduling.concurrent.CustomizableThreadFactory;
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
import routes.webhook.WebhookCall.State;

/**
 * The lanes of the webhooks: serves each receiver at its own pace, so that one that hangs does not affect the others. The
 * {@link WebhookScheduler} decides the order of calls; this class connects it to Camel, threads, the clock and metrics. A
 * call has its own thread, not one of the group's workers.
 */
@OnRole(Role.REWARD)
@Component
public class WebhookLanes implements Lanes, ApplicationListener<ContextClosedEvent>, DisposableBean {

    private static final Logger LOG = LoggerFactory.getLogger(WebhookLanes.class);

    /** The exchange property that holds the {@link WebhookCall} of a delivery. */
    static final String CALL = "call";

    private static final long TICK_MILLIS = 20;

    private final Statements sql;
    private final DeliveryLedger ledger;
    private final ThreadPoolExecutor threads;
    private final ScheduledExecutorService clock = Threads.rounds("webhook-lanes", 1);

    /** Guarded by {@code this}. */
    private final WebhookScheduler scheduler;

    /** Guarded by {@code this}; null while there are no calls. */
    private @Nullable Future<?> ticks;

    WebhookLanes(Statements sql, DeliveryLedger ledger, WebhookSettings settings, MeterRegistry metrics) {
        this.sql = sql;
        this.ledger = ledger;
        this.scheduler = new WebhookScheduler(settings);
        int most = 2 * settings.connections() + WebhookScheduler.ahead(settings) + settings.slowConnections();
        CustomizableThreadFactory factory = new CustomizableThreadFactory("webhook-");
        factory.setDaemon(true);
        this.threads = new ThreadPoolExecutor(most, most, 30, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), factory);
        threads.allowCoreThreadTimeOut(true);
        for (Receiver.State state : Receiver.State.values()) {
            Gauge.builder("domain.events.webhook.endpoints", () -> count(state))
                    .tag("state", state.value())
                    .register(metrics);
        }
        Gauge.builder("domain.events.webhook.calls", () -> count(State.QUICK))
                .tag("place", "quick")
                .register(metrics);
        Gauge.builder("domain.events.webhook.calls", () -> count(State.SLOW))
                .tag("place", "slow")
                .register(metrics);
        Gauge.builder("domain.events.webhook.waiting", () -> count(State.WAITING))
                .register(metrics);
    }

    private synchronized int count(Receiver.State state) {
        return scheduler.count(state, System.nanoTime());
    }

    private synchronized int count(State state) {
        return scheduler.count(state);
    }

    @Override
    public String group() {
        return "reward-workers";
    }

    /** Looks up the webhooks of deliveries, which are their lanes. */
    @Override
    public List<Delivery> assign(List<Delivery> deliveries) {
        String rewards = deliveries.stream()
                .map(WebhookLanes::reward)
                .filter(Ids::isUuid)
                .collect(Collectors.joining(","));
        Map<String, String> lanes = new HashMap<>();
        sql.of("webhook/receiver", "user_reward_ids", rewards).query(row -> {
            lanes.put(row.getString("user_reward_id"), row.getString("webhook_id"));
        });
        return deliveries.stream()
                .map(delivery -> delivery.in(lanes.get(reward(delivery))))
                .toList();
    }

    private static String reward(Delivery delivery) {
        return delivery.event().data() instanceof RewardEarned event
                ? event.userRewardId().toLowerCase(Locale.ROOT)
                : "";
    }

    /**
     * Lets a delivery wait for its turn at its receiver, and for its own thread. One without a webhook continues directly.
     *
     * @throws NoRoomException when the receiver has no room for it, now or later during the wait
     */
    public CompletionStage<Delivery> awaitTurn(@Body Delivery delivery, Exchange exchange) {
        String lane = delivery.lane();
        if (lane == null) {
            return CompletableFuture.completedFuture(delivery);
        }
        ledger.hold(delivery, exchange);
        WebhookCall call = enter(delivery, lane);
        exchange.setProperty(CALL, call);
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                WebhookLanes.this.done(call);
            }
        });
        return call.turn;
    }

    private synchronized WebhookCall enter(Delivery delivery, String lane) {
        long now = System.nanoTime();
        WebhookCall call = new WebhookCall(delivery, scheduler.receiver(lane, now), threads);
        boolean isNew = delivery.lease() == 1; // it grows each time the delivery is taken from the ledger
        String refusal = scheduler.enter(call, isNew, now);
        if (refusal != null) {
            throw new NoRoomException(delivery, "waits for its webhook: " + refusal);
        }
        if (ticks == null) {
            ticks = clock.scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
        }
        return call;
    }

    /** Waits for a connection: a moment at most, on a thread that is meant to wait for receivers. */
    public void awaitConnection(@ExchangeProperty(CALL) WebhookCall call)
            throws ExecutionException, InterruptedException {
        synchronized (this) {
            scheduler.prepared(call, System.nanoTime());
        }
        call.connection.get();
    }

    /** A call has ended; its outcome is still to be written. */
    synchronized void ended(WebhookCall call, WebhookScheduler.Result result, @Nullable Duration pause) {
        long now = System.nanoTime();
        if (scheduler.ended(call, result, pause, now)) {
            LOG.warn(
                    "webhook {} is not called for {} s: {}",
                    call.receiver.id(),
                    call.receiver.openFor(now).toSeconds(),
                    pause == null ? "it keeps failing" : "it asked for a pause");
        }
    }

    private synchronized void done(WebhookCall call) {
        scheduler.done(call, System.nanoTime());
    }

    private synchronized void tick() {
        scheduler.tick(System.nanoTime());
        if (ticks != null && scheduler.isIdle()) {
            ticks.cancel(false);
            ticks = null;
        }
    }

    @Override
    public synchronized Map<String, Integer> room(Map<String, Integer> coming) {
        return scheduler.room(coming, System.nanoTime());
    }

    /** How this instance treats a receiver. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Live(
            String state,
            int inFlight,
            int waiting,
            int cap,
            @Nullable Long openForSeconds) {}

    /** How this instance currently treats a receiver; an unknown one may be called. */
    public synchronized Live live(String id) {
        long now = System.nanoTime();
        return scheduler.receiver(id, now).live(now);
    }

    /** Forgets that a receiver has failed: deliveries that wait for it are processed again, or fail at once. */
    public synchronized void reset(String id) {
        scheduler.receiver(id, System.nanoTime()).reset();
    }

    @Override
    public synchronized void giveBack() {
        scheduler.giveBack();
    }

    /** Waiting calls go back to the ledger before Camel waits for those in progress. */
    @Override
    public synchronized void onApplicationEvent(ContextClosedEvent closed) {
        scheduler.stop();
    }

    @Override
    public void destroy() {
        clock.shutdownNow();
        threads.shutdownNow();
    }
}
