package routes.explain;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.camel.CamelContext;
import org.apache.camel.ServiceStatus;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;
import routes.delivery.DeliveryException;
import routes.delivery.DeliveryOperations.Attempt;
import routes.delivery.DeliveryOperations.Summary;
import routes.delivery.Dependencies;
import routes.delivery.Instance;
import routes.webhook.WebhookLanes;
import routes.worker.Backpressure;
import routes.worker.WorkerPools;

/** Says why a delivery waits, in words for an operator. */
@Component
class WaitReason {

    private final CamelContext camel;
    private final Dependencies dependencies;
    private final Backpressure intake;
    private final WorkerPools workers;
    private final ObjectProvider<WebhookLanes> lanes;
    private final Instance instance;

    WaitReason(
            CamelContext camel,
            Dependencies dependencies,
            Backpressure intake,
            WorkerPools workers,
            ObjectProvider<WebhookLanes> lanes,
            Instance instance) {
        this.camel = camel;
        this.dependencies = dependencies;
        this.intake = intake;
        this.workers = workers;
        this.lanes = lanes;
        this.instance = instance;
    }

    /** A delivery, when its event happened, and clues to why it waits. */
    record Row(Summary delivery, @Nullable Instant happenedAt, Clues clues) {}

    /**
     * What other tables know about a delivery.
     *
     * @param windowClosesAt until when its mail waits for more referrals
     * @param fanOutState the state of its fan-out
     * @param webhookDisabledAt since when its webhook is disabled
     * @param ownerSeenAt the last heartbeat of the instance that holds it
     */
    record Clues(
            @Nullable Instant windowClosesAt,
            @Nullable String fanOutState,
            @Nullable String fanOutBecause,
            @Nullable Instant webhookDisabledAt,
            @Nullable Instant ownerSeenAt) {}

    /** Why it waits, or what a person has to do; null if it is done. */
    @Nullable
    String because(Row row, List<Attempt> attempts) {
        return switch (row.delivery().status()) {
            case "due" -> due(row);
            case "leased" -> leased(row, attempts);
            case "manual" -> "a person has to do it, then say so: deliveries, action done";
            case "failed" -> "it is not retried automatically: deliveries, action retry";
            default -> null;
        };
    }

    private String due(Row row) {
        Instant dueAt = row.delivery().dueAt();
        if (dueAt == null) {
            return "paused".equals(row.clues().fanOutState())
                    ? "its fan-out is paused: " + row.clues().fanOutBecause()
                    : "it has no due time: deliveries, action retry";
        }
        boolean held = DeliveryException.Held.WAITS_FOR.equals(row.delivery().waitsFor());
        if (held && dueAt.isAfter(Instant.now())) {
            return String.valueOf(row.delivery().reason());
        }
        if (row.delivery().waitsFor() != null && !held) {
            return dependencies.away().contains(row.delivery().waitsFor())
                    ? row.delivery().waitsFor() + " is down: it is retried once that is back"
                    : row.delivery().waitsFor() + " was down and is back: it is retried shortly";
        }
        if (row.clues().webhookDisabledAt() != null) {
            return "its webhook has been disabled since %s: it will fail unless the webhook is enabled first"
                    .formatted(row.clues().webhookDisabledAt());
        }
        if (row.delivery().lane() != null) {
            WebhookLanes here = lanes.getIfAvailable(); // with the role reward
            WebhookLanes.Live live =
                    here == null ? null : here.live(row.delivery().lane());
            if (live != null && live.openForSeconds() != null) {
                return "the circuit breaker of its webhook is open on this instance for another %d s"
                        .formatted(live.openForSeconds());
            }
        }
        if (dueAt.isAfter(Instant.now())) {
            if (row.clues().windowClosesAt() != null) {
                return "its mail waits for more referrals until " + row.clues().windowClosesAt();
            }
            return row.delivery().attempts() == 0
                    ? "it is due at " + dueAt
                    : "attempt %d is scheduled for %s".formatted(row.delivery().attempts() + 1, dueAt);
        }
        return stopped("due-deliveries")
                .or(() -> workers.route(row.delivery().consumerGroup()).flatMap(this::stopped))
                .or(() -> intake.heldBecause(row.delivery().consumerGroup()))
                .orElse(
                        row.delivery().lane() == null
                                ? "it is processed shortly, after deliveries that have been due for longer"
                                : "it is processed once its webhook has room for it");
    }

    private Optional<String> stopped(String route) {
        ServiceStatus status = camel.getRouteController().getRouteStatus(route);
        return status != null && status.isStarted()
                ? Optional.empty()
                : Optional.of("the route %s is stopped on this instance".formatted(route));
    }

    private String leased(Row row, List<Attempt> attempts) {
        String owner = instance.id().equals(row.delivery().leaseOwner())
                ? "this instance"
                : "the instance " + row.delivery().leaseOwner();
        String heard = row.clues().ownerSeenAt() == null
                ? "never"
                : row.clues().ownerSeenAt().toString();
        Optional<Attempt> open = attempts.stream()
                .filter(attempt -> attempt.endedAt() == null
                        && attempt.attempt() == row.delivery().attempts())
                .findFirst();
        String what = open.map(attempt ->
                        "attempt %d has been under way since %s".formatted(attempt.attempt(), attempt.startedAt()))
                .orElse("it is waiting in memory for a worker or for its receiver");
        return "%s, on %s, last heard from at %s".formatted(what, owner, heard);
    }
}
