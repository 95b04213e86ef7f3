package routes.console;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;
import routes.console.Announcements.Announcement;
import routes.consumer.ConsumerOperations.Status;
import routes.consumer.Lags;
import routes.consumer.Verdict;
import routes.deadletter.OpenLetters;
import routes.delivery.ConsumerGroup;
import routes.delivery.ConsumerGroups;
import routes.delivery.DeliveryStatus;
import routes.delivery.Dependencies;
import routes.delivery.OutcomesHealth;
import routes.history.History.Step;
import routes.mail.report.MailboxTrouble;
import routes.outbox.Outbox;
import routes.outbox.OutboxHealth;
import routes.webhook.WebhookOperations;
import routes.webhook.WebhookOperations.Webhook;

/** Everything that needs an operator, in one list: whether all is well is one look, and each entry leads to what fixes it. */
@Component
class Attention {

    private static final int WEBHOOKS = 20;

    /** The part of {@code due} in ledger-figures.sql that failed before and waits for its next attempt. */
    private static final String RETRYING = "retrying";

    private static final Duration LATELY = Duration.ofMinutes(15);

    private final ConsumerGroups groups;
    private final Dependencies dependencies;
    private final Lags lags;
    private final OpenLetters letters;
    private final ObjectProvider<MailboxTrouble> mailbox;
    private final ObjectProvider<WebhookOperations> webhooks;
    private final ObjectProvider<Outbox> outbox;
    private final ObjectProvider<OutboxHealth> relay;
    private final ObjectProvider<OutcomesHealth> outcomes;
    private final MeterRegistry metrics;

    Attention(
            ConsumerGroups groups,
            Dependencies dependencies,
            Lags lags,
            OpenLetters letters,
            ObjectProvider<MailboxTrouble> mailbox,
            ObjectProvider<WebhookOperations> webhooks,
            ObjectProvider<Outbox> outbox,
            ObjectProvider<OutboxHealth> relay,
            ObjectProvider<OutcomesHealth> outcomes,
            MeterRegistry metrics) {
        this.groups = groups;
        this.dependencies = dependencies;
        this.lags = lags;
        this.letters = letters;
        this.mailbox = mailbox;
        this.webhooks = webhooks;
        this.outbox = outbox;
        this.relay = relay;
        this.outcomes = outcomes;
        this.metrics = metrics;
    }

    /**
     * Something that needs an operator.
     *
     * @param bad whether work has stopped or failed, and not only waits
     * @param href where it is fixed, or explained
     * @param action what can be done there
     */
    record Need(boolean bad, String says, String href, String action) {}

    /**
     * What this instance knows without asking the database: unavailable dependencies and brokers first, then group by group.
     *
     * @param statuses how each group is doing
     */
    List<Need> known(List<Status> statuses) {
        List<Need> needs = new ArrayList<>();
        Collection<String> away = dependencies.away();
        away.stream()
                .filter(name -> !(name.startsWith("smtp-") && away.contains("smtp")))
                .map(name -> new Need(!name.startsWith("smtp-"), unavailable(name), "/observe/health", "Health"))
                .forEach(needs::add);
        Optional<Need> brokers = lags.failure().map(Attention::silent);
        brokers.ifPresent(needs::add);
        statuses.forEach(status -> verdict(status).ifPresent(needs::add));
        for (Status status : statuses) {
            String group = status.group();
            count(group, DeliveryStatus.FAILED, "%s of %s failed, and will not be retried", "Look, and retry", true)
                    .ifPresent(needs::add);
            letters.of(group).stream()
                    .filter(open -> open > 0)
                    .forEach(open -> needs.add(new Need(
                            true,
                            "%,d dead %s of %s: records that are not valid events"
                                    .formatted(open, open == 1 ? "letter" : "letters", group),
                            "/deadletters?group=" + group,
                            "Look, and re-drive")));
            count(group, DeliveryStatus.MANUAL, "%s of %s to be handed over by a person", "Look", false)
                    .ifPresent(needs::add);
        }
        mailbox.stream()
                .flatMap(here -> here.reason().stream())
                .forEach(why -> needs.add(new Need(
                        false,
                        "The bounce mailbox cannot be read: bounces and complaints wait in it (%s)".formatted(why),
                        "/suppressions",
                        "What was reported before")));
        // No outbox on an instance without the role.
        outbox.stream()
                .map(here -> here.backlog().refused())
                .filter(rows -> rows > 0)
                .forEach(rows -> needs.add(new Need(
                        true,
                        "%,d invalid %s in the outbox, to be corrected or dropped"
                                .formatted(rows, rows == 1 ? "row" : "rows"),
                        "/outbox",
                        "Look")));
        // Without brokers or database no row is published: that is told already.
        if (brokers.isEmpty() && !away.contains("database")) {
            relay.stream()
                    .flatMap(here -> here.heldBecause().stream())
                    .forEach(why -> needs.add(
                            new Need(true, "The outbox is held up: " + why, "/observe/health/outbox", "Health")));
            outcomes.stream()
                    .flatMap(here -> here.heldBecause().stream())
                    .forEach(why -> needs.add(new Need(
                            true, "The relay of outcomes is held up: " + why, "/observe/health/outcomes", "Health")));
        }
        return needs;
    }

    /**
     * Groups that have deliveries which failed and wait for their next attempt, as if what they call were down. A few that fail beside many
     * that do not are normal, and their own business.
     *
     * @param hour what each group did in the last hour, by name
     */
    List<Need> repeated(Map<String, List<Step>> hour, Instant now) {
        Instant since = now.minus(LATELY);
        return groups.all().stream()
                .map(ConsumerGroup::name)
                .filter(group -> {
                    List<Step> lately = hour.getOrDefault(group, List.of()).stream()
                            .filter(step -> step.from().isAfter(since))
                            .toList();
                    return lately.stream().mapToInt(step -> step.of("retry")).sum()
                            >= lately.stream().mapToInt(Step::handled).sum();
                })
                .flatMap(group -> {
                    Long retrying = inLedger(group, RETRYING);
                    return retrying == null || retrying == 0
                            ? Stream.empty()
                            : Stream.of(new Need(
                                    false,
                                    "%s of %s failed, and will be tried again".formatted(deliveries(retrying), group),
                                    "/deliveries?group=%s&status=due".formatted(group),
                                    "See why"));
                })
                .toList();
    }

    private static String unavailable(String name) {
        return switch (name) {
            case "database" -> "The database is unavailable: nothing is recorded or delivered until it is back";
            case "smtp-first" -> "The first SMTP server is unavailable: mails go through the second until it is back";
            case "smtp-second" -> "The second SMTP server is unavailable: without the first, mails would wait";
            default ->
                "The %s server is unavailable: what needs it waits, and continues when it is back"
                        .formatted(name.toUpperCase(Locale.ROOT));
        };
    }

    /** The reason tells brokers that are down from those that refuse to answer this, while events are read and published. */
    private static Need silent(String why) {
        return new Need(
                true,
                "The brokers do not say how far the groups have read (%s): while they are down, nothing is read or published"
                        .formatted(why),
                "/observe/health",
                "Health");
    }

    /** A verdict that does not go away by itself. What waits for a dependency is told by the dependency. */
    private Optional<Need> verdict(Status status) {
        boolean stopped = status.verdict().equals(Verdict.STALLED.value())
                || status.verdict().equals(Verdict.STOPPED.value());
        boolean waits = status.verdict().equals(Verdict.HELD.value())
                && dependencies.missing(groups.get(status.group())).isEmpty();
        boolean slow = status.verdict().equals(Verdict.SLOW.value());
        return stopped || waits || slow
                ? Optional.of(new Need(
                        stopped,
                        "%s %s: %s"
                                .formatted(
                                        status.group(),
                                        slow ? "falls behind" : "is " + status.verdict(),
                                        because(status)),
                        "/groups#" + status.group(),
                        "Details"))
                : Optional.empty();
    }

    private static String because(Status status) {
        return status.because() == null ? "its lag grows" : status.because();
    }

    /** How many deliveries of a group have a status, as the ledger was last counted; null while it cannot be read. */
    @Nullable
    Long inLedger(String group, DeliveryStatus status) {
        return inLedger(group, status.value());
    }

    private @Nullable Long inLedger(String group, String status) {
        Gauge gauge = metrics.find("deliveries")
                .tags("group", group, "status", status)
                .gauge();
        return gauge == null || Double.isNaN(gauge.value()) ? null : (long) gauge.value();
    }

    /** How many figures of the groups are unknown: while there are any, nobody can say that all is well. */
    long unknown() {
        return groups.all().stream()
                .map(ConsumerGroup::name)
                .flatMap(group -> Stream.of(
                        inLedger(group, DeliveryStatus.FAILED) == null,
                        inLedger(group, DeliveryStatus.MANUAL) == null,
                        letters.of(group).isEmpty()))
                .filter(missing -> missing)
                .count();
    }

    private Optional<Need> count(String group, DeliveryStatus status, String says, String action, boolean bad) {
        Long count = inLedger(group, status);
        return count != null && count > 0
                ? Optional.of(new Need(
                        bad,
                        says.formatted(deliveries(count), group),
                        "/deliveries?group=%s&status=%s".formatted(group, status.value()),
                        action))
                : Optional.empty();
    }

    private static String deliveries(long count) {
        return "%,d %s".formatted(count, count == 1 ? "delivery" : "deliveries");
    }

    /**
     * What the tables tell: webhooks that are disabled, and announcements that somebody has paused.
     *
     * @param announcements the latest ones
     */
    List<Need> inTables(List<Announcement> announcements) {
        // No webhooks on an instance without them.
        Stream<Need> disabled = webhooks.stream()
                .flatMap(here -> here.find(null, "disabled", WEBHOOKS, null).rows().stream())
                .map(Webhook::registered)
                .map(webhook -> new Need(
                        true,
                        "The webhook %s is disabled (%s): its rewards fail"
                                .formatted(webhook.url(), webhook.disabledBecause()),
                        "/webhooks/" + webhook.id(),
                        "Enable it"));
        Stream<Need> paused = announcements.stream()
                .filter(Announcement::resumable)
                .map(some -> new Need(
                        false,
                        "An announcement is paused: %,d of %,d mails are done".formatted(some.done(), some.of()),
                        "/progress/announcements/" + some.fanOut().id(),
                        "Resume it"));
        return Stream.concat(disabled, paused).toList();
    }
}
