package routes.webhook;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeException;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Header;
import org.apache.camel.Message;
import org.apache.camel.ProducerTemplate;
import org.apache.hc.client5.http.utils.DateUtils;
import org.apache.hc.core5.http.MessageConstraintException;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.info.BuildProperties;
import org.springframework.stereotype.Component;
import routes.delivery.Delivery;
import routes.delivery.DeliveryException;
import routes.delivery.DeliveryLedger;
import routes.delivery.DeliveryStatus;
import routes.delivery.Outcome;
import routes.reward.Reward;
import routes.settings.OnRole;
import routes.settings.Role;
import routes.webhook.WebhookScheduler.Result;

/** The steps of the webhook route: the receiver, the payload, the signed request, and the meaning of the answer or its absence. */
@OnRole(Role.REWARD)
@Component
public class Webhooks {

    private static final String PING = """
            {"type":"ping","timestamp":"%s","data":{"test":true,"campaign_id":"%s",\
            "message":"A test by an operator: nobody has earned anything, and there is nothing to do."}}""";

    /** The exchange property with the receiver, as registered by the application. */
    static final String WEBHOOK = "webhook";

    /** Bytes: Standard Webhooks, "Payload size", asks for less than 20 kB. */
    private static final int PAYLOAD_LIMIT = 20_000;

    /** Characters. */
    private static final int EXCERPT = 200;

    private static final int LEAST_PAUSE = 1;
    private static final int LONGEST_PAUSE = 24 * 60 * 60;

    private final WebhookSettings settings;
    private final ReceiverHealth health;
    private final WebhookLanes lanes;
    private final String userAgent;

    Webhooks(
            WebhookSettings settings,
            ReceiverHealth health,
            WebhookLanes lanes,
            ObjectProvider<BuildProperties> build) {
        this.settings = settings;
        this.health = health;
        this.lanes = lanes;
        BuildProperties properties = build.getIfAvailable();
        this.userAgent = "domain-event-routes/" + (properties == null ? "dev" : properties.getVersion());
    }

    /**
     * Finds the receiver of a reward.
     *
     * @param call null if its turn came before it had a webhook
     * @throws DeliveryException.Permanent when there is no receiver that may be called
     * @throws DeliveryException.Later when it is not the receiver whose turn it is
     */
    public void receiver(
            @Body Reward reward, @ExchangeProperty(WebhookLanes.CALL) @Nullable WebhookCall call, Exchange exchange) {
        Reward.Webhook webhook = requireCallable(reward.webhook());
        if (call == null || !call.receiver.id().equals(webhook.id().toString())) {
            throw new DeliveryException.Later(
                    "not tried: the reward's webhook has just changed", Duration.ofSeconds(LEAST_PAUSE));
        }
        exchange.setProperty(WEBHOOK, webhook);
    }

    private Reward.Webhook requireCallable(Reward.@Nullable Webhook webhook) {
        if (webhook == null) {
            throw new DeliveryException.Permanent(
                    "the reward's webhook_url is not a registered webhook of its campaign");
        }
        if (!webhook.status().equals("active")) {
            throw new DeliveryException.Permanent("the webhook is " + webhook.status());
        }
        if (webhook.disabledBecause() != null) {
            throw new DeliveryException.Permanent("the webhook was disabled %s (the operation webhooks enables it)"
                            .formatted(webhook.disabledBecause()))
                    .toOthers("the webhook is disabled: it kept failing, or answered 410 Gone");
        }
        WebhookUrl.check(webhook.url(), settings);
        return webhook;
    }

    /** The payload for the receiver. */
    public WebhookPayload payload(@Body Reward reward, @ExchangeProperty(DeliveryLedger.DELIVERY) Delivery delivery) {
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
     * Builds the request from the payload: the address and the signed headers. The id is the delivery's, so that a receiver
     * recognizes a repeat; the timestamp is the current time, so nothing may wait between this step and the post.
     *
     * @throws DeliveryException.Permanent when the payload is too large, or a secret is malformed
     */
    public void sign(
            @Body byte[] payload,
            @ExchangeProperty(DeliveryLedger.DELIVERY) Delivery delivery,
            @ExchangeProperty(WEBHOOK) Reward.Webhook webhook,
            Exchange exchange) {
        if (payload.length >= PAYLOAD_LIMIT) {
            throw new DeliveryException.Permanent(
                    "the payload has %d bytes, but a webhook may carry fewer than %d: reward_data is too large"
                            .formatted(payload.length, PAYLOAD_LIMIT));
        }
        String id = "msg_" + delivery.id();
        long timestamp = Instant.now().getEpochSecond();
        Message request = exchange.getMessage();
        request.setHeader(Exchange.HTTP_URI, webhook.url());
        request.setHeader(Exchange.CONTENT_TYPE, "application/json");
        request.setHeader("User-Agent", userAgent);
        request.setHeader("webhook-id", id);
        request.setHeader("webhook-timestamp", String.valueOf(timestamp));
        request.setHeader("webhook-signature", WebhookSignature.sign(webhook.secrets(), id, timestamp, payload));
    }

    /**
     * The meaning of an answer. 2xx: delivered, or for 202 pending, depending on a setting. 408, 425, 429 and 5xx: the receiver
     * has a problem, and the delivery is retried by the schedule. 410: the receiver is gone for good, and disabled. Everything
     * else, including redirects, which are never followed: retried a few times, since somebody may fix it, then final.
     */
    public Outcome answered(
            @Header(Exchange.HTTP_RESPONSE_CODE) int code,
            @Header("Retry-After") @Nullable String retryAfter,
            @Body byte @Nullable [] answer,
            @ExchangeProperty(DeliveryLedger.DELIVERY) Delivery delivery,
            @ExchangeProperty(WEBHOOK) Reward.Webhook webhook,
            @ExchangeProperty(WebhookLanes.CALL) WebhookCall call) {
        String status = String.valueOf(code);
        String plain = "the receiver answered " + code;
        String reason = reason(code, answer);
        if (code >= 200 && code < 300) {
            lanes.ended(call, Result.SUCCEEDED, null);
            health.succeeded(webhook);
            return code == 202 && settings.acceptedAs() == WebhookSettings.Accepted.PENDING
                    ? Outcome.manual(reason + " (accepted, but still pending: mark it as done when it is)", status)
                    : Outcome.delivered(reason.equals(plain) ? null : reason, status);
        }
        if (code == 408 || code == 425 || code == 429 || code >= 500) {
            Duration pause = retryAfter(retryAfter);
            lanes.ended(call, Result.FAILED, code == 429 || code == 503 ? pause : null);
            health.failed(webhook, reason);
            throw new DeliveryException.Transient(reason, status, pause, null).toOthers(plain);
        }
        lanes.ended(call, Result.REFUSED, null);
        if (code == 410) {
            health.gone(webhook);
            lanes.reset(webhook.id().toString());
            throw new DeliveryException.Permanent(reason, status, null).toOthers(plain);
        }
        health.failed(webhook, reason);
        if (delivery.tries() < settings.clientErrorAttempts()) {
            throw new DeliveryException.Transient(reason, status, retryAfter(retryAfter), null).toOthers(plain);
        }
        throw new DeliveryException.Permanent(reason, status, null).toOthers(plain);
    }

    /**
     * Posts a signed {@code ping} as a reward is posted, but past the lane and the health of its receiver: nothing is noted of it.
     *
     * @param delivery whose id it has; in no ledger
     * @return delivered, or failed, with the answer; due if there was none
     * @throws Exception if it may not be called or signed: a {@link DeliveryException.Permanent}
     */
    public Outcome ping(Reward.Webhook webhook, Delivery delivery, ProducerTemplate template) throws Exception {
        requireCallable(webhook);
        byte[] payload = PING.formatted(Instant.now(), webhook.campaignId()).getBytes(StandardCharsets.UTF_8);
        Exchange done = template.send("direct:post-webhook", exchange -> {
            exchange.getMessage().setBody(payload);
            sign(payload, delivery, webhook, exchange);
        });
        IOException unanswered = done.getException(IOException.class);
        if (unanswered != null) {
            return new Outcome(DeliveryStatus.DUE, reason(unanswered), null, null);
        }
        if (done.getException() != null) {
            throw done.getException();
        }
        int code = Objects.requireNonNull(done.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class));
        String reason = reason(code, done.getMessage().getBody(byte[].class));
        boolean accepted = code / 100 == 2;
        return new Outcome(accepted ? DeliveryStatus.DELIVERED : DeliveryStatus.FAILED, reason, "" + code, null);
    }

    private static String reason(int code, byte @Nullable [] answer) {
        String excerpt = excerpt(answer);
        return "the receiver answered " + code + (excerpt.isEmpty() ? "" : ": " + excerpt);
    }

    /** The meaning of no answer: the receiver is down, and the delivery is retried by the schedule. */
    public Outcome unanswered(
            @ExchangeException IOException failure,
            @ExchangeProperty(WEBHOOK) Reward.Webhook webhook,
            @ExchangeProperty(WebhookLanes.CALL) WebhookCall call) {
        String problem = problem(failure);
        String reason = reason(failure);
        lanes.ended(call, Result.FAILED, null);
        health.failed(webhook, reason);
        throw new DeliveryException.Transient(reason, null, null, failure).toOthers(problem);
    }

    private static String reason(IOException failure) {
        return failure instanceof WebhookTimeoutException || failure instanceof UnknownHostException
                ? problem(failure)
                : problem(failure) + ": " + failure.getMessage();
    }

    /** What begins with "no connection" has sent nothing: {@code reward/has-unknown-attempt} relies on it. */
    private static String problem(IOException failure) {
        if (failure instanceof WebhookTimeoutException timeout) {
            return timeout.getMessage();
        }
        if (failure instanceof UnknownHostException) {
            return "no connection to the receiver: its host has no address";
        }
        if (failure instanceof SSLHandshakeException || failure instanceof SSLPeerUnverifiedException) {
            return "no connection to the receiver: its TLS handshake failed";
        }
        if (failure instanceof MessageConstraintException) {
            return "the headers of the receiver's answer are too large";
        }
        return failure instanceof ConnectException
                ? "no connection to the receiver"
                : "the connection to the receiver broke";
    }

    private static String excerpt(byte @Nullable [] answer) {
        if (answer == null) {
            return "";
        }
        int shown = Math.min(answer.length, 4 * EXCERPT); // a character has four bytes at most
        String text = new String(answer, 0, shown, StandardCharsets.UTF_8).strip();
        return text.length() <= EXCERPT ? text : text.substring(0, EXCERPT);
    }

    /**
     * Retry-After, as seconds with any number of digits, or as an HTTP date, also in the RFC 850 form (RFC 9110, sections
     * 10.2.3 and 5.6.7), limited to between a second and a day; null if it is neither: then the schedule decides.
     */
    static @Nullable Duration retryAfter(@Nullable String header) {
        if (header == null) {
            return null;
        }
        String value = header.strip();
        double seconds;
        if (value.matches("-?\\d+")) {
            seconds = Double.parseDouble(value);
        } else {
            Instant date = DateUtils.parseStandardDate(value);
            if (date == null) {
                return null;
            }
            seconds = Duration.between(Instant.now(), date).toMillis() / 1000.0;
        }
        return Duration.ofMillis((long) (Math.max(LEAST_PAUSE, Math.min(LONGEST_PAUSE, seconds)) * 1000));
    }
}
