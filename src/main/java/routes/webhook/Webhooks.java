package routes.webhook;

import java.io.IOException;
import java.math.BigInteger;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeException;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Header;
import org.apache.camel.Message;
import org.apache.hc.client5.http.utils.DateUtils;
import org.apache.hc.core5.http.MessageConstraintException;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.info.BuildProperties;
import org.springframework.stereotype.Component;
import routes.delivery.Delivery;
import routes.delivery.DeliveryException;
import routes.delivery.DeliveryLedger;
import routes.delivery.Outcome;
import routes.reward.Reward;
import routes.settings.OnRole;
import routes.settings.Role;

/** What the route of a webhook calls: the payload, the signed request, and what the answer, or none, means. */
@OnRole(Role.REWARD)
@Component
public class Webhooks {

    /** The exchange property that holds the receiver while the body becomes the payload. */
    static final String RECEIVER = "receiver";

    /** Bytes: Standard Webhooks, "Payload size", asks for less than 20 kB. */
    private static final int PAYLOAD_LIMIT = 20_000;

    private static final int EXCERPT = 200;
    private static final Duration LEAST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofDays(1);

    private final WebhookSettings settings;
    private final WebhookStandings standings;
    private final WebhookLanes lanes;
    private final String userAgent;

    Webhooks(
            WebhookSettings settings,
            WebhookStandings standings,
            WebhookLanes lanes,
            ObjectProvider<BuildProperties> build) {
        this.settings = settings;
        this.standings = standings;
        this.lanes = lanes;
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
            throw new DeliveryException.Permanent(
                    "the reward's webhook_url is not a registered webhook of its campaign");
        }
        if (!receiver.status().equals("active")) {
            throw new DeliveryException.Permanent("the webhook is " + receiver.status());
        }
        if (receiver.disabledBecause() != null) {
            throw new DeliveryException.Permanent("the webhook was disabled %s (the operation webhooks enables it)"
                            .formatted(receiver.disabledBecause()))
                    .toOthers("the webhook is disabled: it kept failing, or answered 410 Gone");
        }
        WebhookUrl.check(receiver.url(), settings);
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

    /**
     * Makes the request of the payload's bytes: the address and the signed headers. The id is the delivery's, so a receiver
     * knows a repeat; the timestamp is the attempt's.
     *
     * @throws DeliveryException.Permanent when the payload is too large, or a secret is in a wrong form
     */
    public void sign(
            @Body byte[] payload,
            @ExchangeProperty(DeliveryLedger.DELIVERY) Delivery delivery,
            @ExchangeProperty(RECEIVER) Reward.Webhook receiver,
            @ExchangeProperty(WebhookLanes.TURN) @Nullable WebhookTurn turn,
            Exchange exchange) {
        if (payload.length >= PAYLOAD_LIMIT) {
            throw new DeliveryException.Permanent(
                    "the payload has %d bytes, and a webhook carries less than %d: reward_data is too large"
                            .formatted(payload.length, PAYLOAD_LIMIT));
        }
        String id = "msg_" + delivery.id();
        long timestamp = Instant.now().getEpochSecond();
        Message request = exchange.getMessage();
        request.setHeader(Exchange.HTTP_URI, receiver.url());
        request.setHeader(Exchange.CONTENT_TYPE, "application/json");
        request.setHeader("User-Agent", userAgent);
        request.setHeader("webhook-id", id);
        request.setHeader("webhook-timestamp", String.valueOf(timestamp));
        request.setHeader("webhook-signature", WebhookSignature.sign(receiver.secrets(), id, timestamp, payload));
        tell(turn, WebhookTurn::calling);
    }

    /**
     * What an answer means. 2xx: delivered; 202 perhaps still pending, as a setting says. 408, 425, 429 and 5xx: the receiver is in
     * trouble, and it is tried again by the schedule. 410: it is gone for good, and disabled. All else, a redirect too, which is never
     * followed: tried again a few times, since somebody may mend it, then final.
     *
     * @param turn null when the reward's webhook has changed since it was looked up
     */
    public Outcome answered(
            @Header(Exchange.HTTP_RESPONSE_CODE) int code,
            @Header("Retry-After") @Nullable String retryAfter,
            @Body byte @Nullable [] answer,
            @ExchangeProperty(DeliveryLedger.DELIVERY) Delivery delivery,
            @ExchangeProperty(RECEIVER) Reward.Webhook receiver,
            @ExchangeProperty(WebhookLanes.TURN) @Nullable WebhookTurn turn) {
        String excerpt = excerpt(answer);
        String status = String.valueOf(code);
        String plain = "the receiver answered " + code;
        String reason = excerpt.isEmpty() ? plain : plain + ": " + excerpt;
        if (code >= 200 && code < 300) {
            tell(turn, WebhookTurn::succeeded);
            standings.succeeded(receiver);
            return code == 202 && settings.acceptedAs() == WebhookSettings.Accepted.PENDING
                    ? Outcome.manual(reason + " (accepted, and still to be done: mark it as done when it is)", status)
                    : Outcome.delivered(excerpt.isEmpty() ? null : reason, status);
        }
        if (code == 408 || code == 425 || code == 429 || code >= 500) {
            Duration pause = retryAfter(retryAfter);
            tell(turn, its -> its.failed(code == 429 || code == 503 ? pause : null));
            standings.failed(receiver, reason);
            throw new DeliveryException.Transient(reason, status, pause, null).toOthers(plain);
        }
        tell(turn, WebhookTurn::refused);
        if (code == 410) {
            standings.gone(receiver);
            lanes.reset(receiver.id().toString());
            throw new DeliveryException.Permanent(reason, status, null).toOthers(plain);
        }
        standings.failed(receiver, reason);
        if (delivery.tries() < settings.clientErrorAttempts()) {
            throw new DeliveryException.Transient(reason, status, retryAfter(retryAfter), null).toOthers(plain);
        }
        throw new DeliveryException.Permanent(reason, status, null).toOthers(plain);
    }

    /** What it means that there was no answer: the receiver is away, and it is tried again by the schedule. */
    public Outcome unanswered(
            @ExchangeException IOException failure,
            @ExchangeProperty(RECEIVER) Reward.Webhook receiver,
            @ExchangeProperty(WebhookLanes.TURN) @Nullable WebhookTurn turn) {
        String problem = problem(failure);
        String reason = failure instanceof WebhookTimeoutException || failure instanceof UnknownHostException
                ? problem
                : problem + ": " + failure.getMessage();
        tell(turn, its -> its.failed(null));
        standings.failed(receiver, reason);
        throw new DeliveryException.Transient(reason, null, null, failure).toOthers(problem);
    }

    private static void tell(@Nullable WebhookTurn turn, Consumer<WebhookTurn> verdict) {
        if (turn != null) {
            verdict.accept(turn);
        }
    }

    private static String problem(IOException failure) {
        if (failure instanceof WebhookTimeoutException timeout) {
            return timeout.getMessage();
        }
        if (failure instanceof UnknownHostException) {
            return "the receiver's host has no address";
        }
        if (failure instanceof SSLException) {
            return "no TLS with the receiver";
        }
        if (failure instanceof MessageConstraintException) {
            return "the receiver's answer has too much before its body";
        }
        return failure instanceof ConnectException
                ? "no connection to the receiver"
                : "the connection to the receiver broke";
    }

    private static String excerpt(byte @Nullable [] answer) {
        String text = answer == null ? "" : new String(answer, StandardCharsets.UTF_8).strip();
        return text.length() <= EXCERPT ? text : text.substring(0, EXCERPT);
    }

    /**
     * Retry-After, as seconds of however many digits, or as a date of HTTP, also in its form of RFC 850 (RFC 9110, sections 10.2.3 and
     * 5.6.7), held between a second and a day; null for what is neither: then the schedule decides.
     */
    static @Nullable Duration retryAfter(@Nullable String header) {
        if (header == null) {
            return null;
        }
        String value = header.strip();
        if (value.matches("-?\\d+")) {
            BigInteger least = BigInteger.valueOf(LEAST_PAUSE.toSeconds());
            BigInteger longest = BigInteger.valueOf(LONGEST_PAUSE.toSeconds());
            return Duration.ofSeconds(
                    new BigInteger(value).max(least).min(longest).longValue());
        }
        Instant date = DateUtils.parseStandardDate(value);
        if (date == null) {
            return null;
        }
        Duration asked = Duration.between(Instant.now(), date);
        return asked.compareTo(LEAST_PAUSE) < 0
                ? LEAST_PAUSE
                : asked.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : asked;
    }
}
