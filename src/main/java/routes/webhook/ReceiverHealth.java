package routes.webhook;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.retry.RetryTemplate;
import org.springframework.stereotype.Component;
import routes.background.Masking;
import routes.delivery.DeliverySettings;
import routes.reward.Reward;
import routes.settings.Statements;

/**
 * Which webhooks are failing, since when, and which this service has disabled: rows of {@code event_routes.webhook_endpoint},
 * which all instances share, each valid for one URL. A webhook that has failed continuously for
 * {@code webhooks.disable-after} is disabled, after warnings; days without any failure end that. The application's own row is never written.
 */
@Component
public class ReceiverHealth {

    private static final Logger LOG = LoggerFactory.getLogger(ReceiverHealth.class);
    private static final List<Integer> WARNINGS = List.of(90, 70, 50);

    /** Fewer attempts say little, for a receiver that is seldom called. */
    private static final int LEAST_FAILURES = 10;

    /** Also longer than a receiver can ask to wait, and than a breaker stays open. */
    private static final Duration LEAST_SILENCE = Duration.ofDays(2);

    private final Statements sql;
    private final RetryTemplate untilWritten;
    private final WebhookSettings settings;
    private final boolean tellsOthers;
    private final MeterRegistry metrics;

    /** After so long without a failure, the next one begins to count anew: longer than any pause between two attempts. */
    private final Duration silence;

    ReceiverHealth(
            Statements sql,
            RetryTemplate untilWritten,
            WebhookSettings settings,
            DeliverySettings deliveries,
            MeterRegistry metrics) {
        this.sql = sql;
        this.untilWritten = untilWritten;
        this.settings = settings;
        this.tellsOthers = deliveries.outcomeEvents();
        this.metrics = metrics;
        Duration pauses = Collections.max(deliveries.retrySchedule()).multipliedBy(2);
        this.silence = pauses.compareTo(LEAST_SILENCE) > 0 ? pauses : LEAST_SILENCE;
    }

    /** How long a webhook has failed, and in how many attempts. */
    private record Failing(int failures, double seconds, boolean disabled) {

        Duration time() {
            return Duration.ofMillis((long) (seconds * 1000));
        }
    }

    /** It succeeded. If it had failed before, its row goes. */
    void succeeded(Reward.Webhook webhook) {
        if (webhook.failing()) {
            untilWritten.invoke(
                    () -> sql.of("webhook/succeeded", "id", webhook.id()).update());
        }
    }

    /** It failed. */
    void failed(Reward.Webhook webhook, String error) {
        Failing failing = untilWritten.invoke(() -> sql.of("webhook/failed")
                .param("id", webhook.id())
                .param("url", webhook.url())
                .param("error", Masking.mask(error))
                .param("silence", silence.toSeconds())
                .query(Failing.class)
                .single());
        Duration limit = settings.disableAfter();
        if (failing.disabled() || failing.failures() < LEAST_FAILURES) {
            return;
        }
        long percent = failing.time().toMillis() * 100 / limit.toMillis();
        if (percent >= 100) {
            disable(
                    webhook,
                    "failing",
                    "it has failed continuously for %s, in %d attempts; the last: %s"
                            .formatted(words(failing.time()), failing.failures(), error));
            return;
        }
        WARNINGS.stream()
                .filter(warning -> percent >= warning)
                .findFirst()
                .ifPresent(warning -> warn(webhook, warning, failing));
    }

    private void warn(Reward.Webhook webhook, int percent, Failing failing) {
        int changed = untilWritten.invoke(() ->
                sql.of("webhook/warn", "id", webhook.id(), "percent", percent).update());
        if (changed > 0) {
            metrics.counter("domain.events.webhook.warnings", "percent", String.valueOf(percent))
                    .increment();
            LOG.warn(
                    "webhook {} has failed continuously for {} ({} %): it will be disabled after {}",
                    webhook.id(), words(failing.time()), percent, words(settings.disableAfter()));
        }
    }

    /** It is gone for good (410). */
    void gone(Reward.Webhook webhook) {
        disable(webhook, "gone", "it answered 410 Gone");
    }

    private void disable(Reward.Webhook webhook, String cause, String because) {
        boolean disabled = untilWritten.invoke(() -> sql.of("webhook/disable")
                .param("id", webhook.id())
                .param("url", webhook.url())
                .param("because", Masking.mask(because))
                .param("campaign", webhook.campaignId())
                .param("cause", cause)
                .param("told", tellsOthers)
                .query(Boolean.class)
                .single());
        if (disabled) {
            metrics.counter("domain.events.webhooks.disabled", "because", cause).increment();
            LOG.warn(
                    "webhook {} is disabled: {}. Its rewards fail until its URL changes, or the operation webhooks enables it",
                    webhook.id(),
                    Masking.mask(because));
        }
    }

    /**
     * Enables a webhook that this service has disabled, and forgets that it has failed.
     *
     * @return whether it was disabled
     */
    public boolean enable(UUID webhook) {
        return sql.of("webhook/enable", "id", webhook)
                .query(Boolean.class)
                .optional()
                .orElse(false);
    }

    private static String words(Duration time) {
        return time.toHours() >= 1
                ? "%d d %d h".formatted(time.toDays(), time.toHoursPart())
                : "%d min %d s".formatted(time.toMinutes(), time.toSecondsPart());
    }
}
