package routes.webhook;

import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.NotEmpty;
import java.time.Duration;
import java.util.List;
import org.hibernate.validator.constraints.Range;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How rewards are sent to webhooks ({@code webhooks.*}).
 *
 * @param allowedNetworks non-public networks that may be called nevertheless, as CIDRs (WEBHOOK_ALLOWED_NETWORKS)
 * @param allowHttp whether plain http is allowed; for development (WEBHOOK_ALLOW_HTTP)
 * @param ports the ports that a URL may have (WEBHOOK_PORTS)
 * @param timeout from connecting to the last byte of the answer
 * @param connections concurrent calls to healthy receivers
 * @param slowConnections concurrent calls to slow, failing or new receivers, in addition
 * @param connectionsPerEndpoint concurrent calls to one receiver; a new one begins with one, and gets one more with each success
 * @param ratePerEndpoint calls per second to one receiver
 * @param waiting deliveries that may wait in memory for their receivers; the rest wait in the ledger
 * @param slowAfter how long a call may take before it counts as slow
 * @param breakerFailures consecutive failures that open a receiver's circuit breaker
 * @param breakerPause how long the breaker stays open at first; twice as long each time after that
 * @param breakerMaxPause how long it stays open at most
 * @param disableAfter how long a receiver may fail continuously, without days of silence, before it is disabled
 * @param clientErrorAttempts attempts at a delivery that is answered with a redirect or a 4xx that does not signal a temporary problem
 * @param acceptedAs what 202 means: the reward is delivered, or still pending until somebody marks it as done
 */
@Validated
@ConfigurationProperties(prefix = "webhooks", ignoreUnknownFields = false)
public record WebhookSettings(
        @DefaultValue List<Network> allowedNetworks,
        @DefaultValue("false") boolean allowHttp,

        @NotEmpty(message = "write ports separated by commas, such as 443,8443") @DefaultValue({"443", "8443"})
        List<PortRange> ports,

        @DurationMin(seconds = 1) @DurationMax(minutes = 2) @DefaultValue("15s")
        Duration timeout,

        @Range(min = 1, max = 1000) @DefaultValue("200") int connections,

        @Range(min = 1, max = 1000) @DefaultValue("250") int slowConnections,

        @Range(min = 1, max = 1000) @DefaultValue("10") int connectionsPerEndpoint,

        @Range(min = 1, max = 100_000) @DefaultValue("200") int ratePerEndpoint,

        @Range(min = 1, max = 100_000) @DefaultValue("5000") int waiting,

        @DurationMin(millis = 50) @DurationMax(minutes = 1) @DefaultValue("1s")
        Duration slowAfter,

        @Range(min = 1, max = 1000) @DefaultValue("5") int breakerFailures,

        @DurationMin(millis = 100) @DurationMax(hours = 1) @DefaultValue("5s")
        Duration breakerPause,

        @DurationMin(millis = 100) @DurationMax(hours = 24) @DefaultValue("5m")
        Duration breakerMaxPause,

        @DurationMin(minutes = 1) @DurationMax(days = 365) @DefaultValue("5d")
        Duration disableAfter,

        @Range(min = 1, max = 100) @DefaultValue("3") int clientErrorAttempts,

        @DefaultValue("delivered") Accepted acceptedAs) {

    /** What the answer 202 (Accepted) means. */
    public enum Accepted {
        /** Like any other 2xx. */
        DELIVERED,
        /** The receiver has yet to do it. */
        PENDING
    }

    /** The breaker's first pause must not exceed its longest. */
    @AssertTrue(message = "the breaker-max-pause is shorter than the breaker-pause: write a longer one")
    public boolean isBreakerMaxPauseLongEnough() {
        return breakerMaxPause.compareTo(breakerPause) >= 0;
    }
}
