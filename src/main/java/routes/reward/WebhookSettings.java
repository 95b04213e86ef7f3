package routes.reward;

import java.time.Duration;
import java.util.List;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How rewards are sent to webhooks ({@code webhooks.*}).
 *
 * @param allowedNetworks networks that are not public and may be connected to all the same, as CIDRs
 *     (WEBHOOK_ALLOWED_NETWORKS)
 * @param allowHttp whether plain http is allowed; for development (WEBHOOK_ALLOW_HTTP)
 * @param timeout from connecting to the last byte of the answer
 */
@Validated
@ConfigurationProperties(prefix = "webhooks", ignoreUnknownFields = false)
public record WebhookSettings(
        @DefaultValue List<Network> allowedNetworks,
        @DefaultValue("false") boolean allowHttp,

        @DurationMin(seconds = 1, message = "write a duration from 1s to 2m")
        @DurationMax(minutes = 2, message = "write a duration from 1s to 2m")
        @DefaultValue("15s")
        Duration timeout) {}
