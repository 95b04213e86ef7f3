package routes.reward;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Header;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.info.BuildProperties;
import org.springframework.stereotype.Component;
import routes.delivery.Delivery;
import routes.delivery.DeliveryException;
import routes.delivery.DeliveryLedger;
import routes.delivery.Outcome;

/** What the route of a webhook calls: the payload, the signed request, and what the answer means. */
@Component
public class Webhooks {

    /** The exchange property that holds the receiver while the body becomes the payload. */
    static final String RECEIVER = "receiver";

    private static final int EXCERPT = 200;
    private static final Duration LEAST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofDays(1);

    private final WebhookSettings settings;
    private final String userAgent;

    Webhooks(WebhookSettings settings, ObjectProvider<BuildProperties> build) {
        this.settings = settings;
        BuildProperties properties = build.getIfAvailable();
        this.userAgent = "domain-event-routes/" + (properties == null ? "dev" : properties.getVersion());
    }

    /**
     * Finds the receiver of a reward, and says what it gets.
     *
     * @throws DeliveryException.Permanent when there is no receiver that may be called
     */
    public WebhookPayload payload(
            @Body Reward reward, @ExchangeProperty(DeliveryLedger.DELIVERY) Delivery delivery, Exchange exchange) {
        Reward.Webhook receiver = reward.webhook();
        if (receiver == null) {
            throw new DeliveryException.Permanent("the reward's webhook_url is no registered webhook of its campaign");
        }
        if (!receiver.status().equals("active")) {
            throw new DeliveryException.Permanent("the webhook is " + receiver.status());
        }
        checkUrl(receiver.url());
        exchange.setProperty(RECEIVER, receiver);
        return new WebhookPayload(
                "reward.delivered",
                delivery.event().timestamp().toString(),
                new WebhookPayload.Data(
                        reward.userId(),
                        reward.email(),
                        reward.rewardId(),
                        reward.name(),
                        reward.type(),
                        reward.data()));
    }

    private void checkUrl(String url) {
        try {
            URI uri = new URI(url);
            boolean scheme =
                    "https".equals(uri.getScheme()) || (settings.allowHttp() && "http".equals(uri.getScheme()));
            if (!scheme) {
                throw new DeliveryException.Permanent("the webhook's URL is not https");
            }
            if (uri.getHost() == null || uri.getRawUserInfo() != null) {
                throw new DeliveryException.Permanent("the webhook's URL has no plain host, or a user in front of it");
            }
        } catch (URISyntaxException e) {
            throw new DeliveryException.Permanent("the webhook's URL is none", null, e);
        }
    }

    /**
     * Makes the request of the payload's bytes: the address and the signed headers. The id is the delivery's, so a receiver
     * knows a repeat; the timestamp is the attempt's.
     */
    public void sign(
            @Body byte[] payload,
            @ExchangeProperty(DeliveryLedger.DELIVERY) Delivery delivery,
            @ExchangeProperty(RECEIVER) Reward.Webhook receiver,
            Exchange exchange) {
        String id = "msg_" + delivery.id();
        long timestamp = Instant.now().getEpochSecond();
        Message request = exchange.getMessage();
        request.setHeader(Exchange.HTTP_URI, receiver.url());
        request.setHeader(Exchange.CONTENT_TYPE, "application/json");
        request.setHeader("User-Agent", userAgent);
        request.setHeader("webhook-id", id);
        request.setHeader("webhook-timestamp", String.valueOf(timestamp));
        request.setHeader("webhook-signature", WebhookSignature.sign(receiver.secrets(), id, timestamp, payload));
    }

    /**
     * What an answer means: 2xx is delivered; 408, 425, 429 and 5xx are to be tried again; all else is final, a redirect
     * too, which is never followed.
     */
    public Outcome outcome(
            @Header(Exchange.HTTP_RESPONSE_CODE) int code,
            @Header("Retry-After") @Nullable String retryAfter,
            @Body byte @Nullable [] answer) {
        String excerpt = excerpt(answer);
        String status = String.valueOf(code);
        if (code >= 200 && code < 300) {
            return Outcome.delivered(null, status);
        }
        String reason = "the receiver answered %d%s".formatted(code, excerpt.isEmpty() ? "" : ": " + excerpt);
        if (code == 408 || code == 425 || code == 429 || code >= 500) {
            throw new DeliveryException.Transient(reason, status, retryAfter(retryAfter), null);
        }
        throw new DeliveryException.Permanent(reason, status, null);
    }

    private static String excerpt(byte @Nullable [] answer) {
        String text = answer == null ? "" : new String(answer, StandardCharsets.UTF_8).strip();
        return text.length() <= EXCERPT ? text : text.substring(0, EXCERPT);
    }

    /** Retry-After, as seconds or as a date (RFC 9110, section 10.2.3), held between a second and a day. */
    private static @Nullable Duration retryAfter(@Nullable String header) {
        if (header == null) {
            return null;
        }
        try {
            String value = header.strip();
            Duration asked = value.matches("-?\\d{1,9}")
                    ? Duration.ofSeconds(Long.parseLong(value))
                    : Duration.between(Instant.now(), DateTimeFormatter.RFC_1123_DATE_TIME.parse(value, Instant::from));
            return asked.compareTo(LEAST_PAUSE) < 0
                    ? LEAST_PAUSE
                    : asked.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : asked;
        } catch (DateTimeException | ArithmeticException e) {
            return null; // nonsense asks for nothing: the schedule decides
        }
    }
}
