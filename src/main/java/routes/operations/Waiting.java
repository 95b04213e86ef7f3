package routes.operations;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.camel.CamelContext;
import org.apache.camel.ServiceStatus;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;
import routes.delivery.Dependencies;
import routes.delivery.Instance;
import routes.delivery.Intake;
import routes.delivery.WorkerPools;
import routes.operations.Deliveries.Attempt;
import routes.reward.WebhookLanes;

/** Says why a delivery waits, in words for an operator. */
@Component
class Waiting {

    private final CamelContext camel;
    private final Dependencies dependencies;
    private final Intake intake;
    private final WorkerPools workers;
    private final ObjectProvider<WebhookLanes> lanes;
    private final Instance instance;

    Waiting(
            CamelContext camel,
            Dependencies dependencies,
            Intake intake,
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

    /**
     * A delivery as the ledger has it, with what says why it waits.
     *
     * @param windowClosesAt until when more referrals are gathered for its mail
     * @param fanOutState of the fan-out that it belongs to
     * @param webhookDisabledAt since when its webhook is disabled
     * @param ownerSeenAt when the instance that holds it has last said that it lives
     */
    record Row(
            UUID id,
            String consumerGroup,
            String eventId,
            String eventType,
            String campaignId,
            String idempotencyKey,
            String recipient,
            String status,
            @Nullable String reason,
            int attempts,
            @Nullable Instant dueAt,
            @Nullable String waitsFor,
            @Nullable String lane,
            @Nullable UUID leaseOwner,
            @Nullable UUID replayId,
            Instant createdAt,
            Instant updatedAt,
            @Nullable Instant windowClosesAt,
            @Nullable String fanOutState,
            @Nullable String fanOutBecause,
            @Nullable Instant webhookDisabledAt,
            @Nullable Instant ownerSeenAt) {}

    /** Why it waits, or what somebody would have to do; null for what is done. */
    @Nullable
    String because(Row row, List<Attempt> attempts) {
        return switch (row.status()) {
            case "due" -> due(row);
            case "leased" -> leased(row, attempts);
            case "manual" -> "a person has to do it, and to say so: deliveries, action done";
            case "failed" -> "it is not tried again by itself: deliveries, action retry";
            default -> null;
        };
    }

    private String due(Row row) {
        Instant dueAt = row.dueAt();
        if (dueAt == null) {
            return "paused".equals(row.fanOutState())
                    ? "its fan-out is paused: " + row.fanOutBecause()
                    : "it has no time at which it is due: deliveries, action retry";
        }
        if (row.waitsFor() != null) {
            return dependencies.away().contains(row.waitsFor())
                    ? row.waitsFor() + " is away, and it is tried when that is back"
                    : row.waitsFor() + " was away and is back: its turn comes in a moment";
        }
        if (row.webhookDisabledAt() != null) {
            return "its webhook is disabled since %s: it fails when its turn comes, unless that is enabled"
                    .formatted(row.webhookDisabledAt());
        }
        if (row.lane() != null) {
            WebhookLanes here = lanes.getIfAvailable(); // in the role of rewards
            WebhookLanes.Live live = here == null ? null : here.live(row.lane());
            if (live != null && live.openForSeconds() != null) {
                return "the circuit breaker of its webhook is open on this instance for %d s more"
                        .formatted(live.openForSeconds());
            }
        }
        if (dueAt.isAfter(Instant.now())) {
            if (row.windowClosesAt() != null) {
                return "more referrals are gathered for its mail until " + row.windowClosesAt();
            }
            return row.attempts() == 0
                    ? "it is due at " + dueAt
                    : "by the schedule of retries attempt %d is at %s".formatted(row.attempts() + 1, dueAt);
        }
        return stopped("due-deliveries")
                .or(() -> workers.route(row.consumerGroup()).flatMap(this::stopped))
                .or(() -> intake.heldBecause(row.consumerGroup()))
                .orElse(
                        row.lane() == null
                                ? "its turn comes in a moment, behind what has been due for longer"
                                : "its turn comes when its webhook has room for it");
    }

    private Optional<String> stopped(String route) {
        ServiceStatus status = camel.getRouteController().getRouteStatus(route);
        return status != null && status.isStarted()
                ? Optional.empty()
                : Optional.of("the route %s is stopped on this instance".formatted(route));
    }

    private String leased(Row row, List<Attempt> attempts) {
        String owner = instance.id().equals(row.leaseOwner()) ? "this instance" : "the instance " + row.leaseOwner();
        String heard = row.ownerSeenAt() == null ? "never" : row.ownerSeenAt().toString();
        Optional<Attempt> open = attempts.stream()
                .filter(attempt -> attempt.endedAt() == null && attempt.attempt() == row.attempts())
                .findFirst();
        String what = open.map(
                        attempt -> "attempt %d is under way since %s".formatted(attempt.attempt(), attempt.startedAt()))
                .orElse("it waits in memory for a worker or for its receiver");
        return "%s, with %s, last heard of %s".formatted(what, owner, heard);
    }
}
