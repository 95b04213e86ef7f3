package routes.mail.report.hook;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.github.bucket4j.Bucket;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.apache.hc.client5.http.classic.HttpClient;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.util.ConcurrentLruCache;
import org.springframework.web.ErrorResponseException;
import routes.api.Problems;
import routes.background.RateLimit;
import routes.delivery.DeliveryException;

/**
 * Messages of Amazon SNS, from topics that a setting names: signatures of version 1 and 2, and the confirmation of a
 * subscription. Certificate and confirmation are fetched only from SNS in the topic's region, with the client of the webhooks,
 * which calls public addresses alone, follows no redirect, and is bounded in size and time.
 */
final class SnsMessages {

    private static final Logger LOG = LoggerFactory.getLogger(SnsMessages.class);

    /** SNS repeats a message, with its first timestamp, for an hour at most. */
    private static final Duration WINDOW = Posted.WINDOW.plusHours(1);

    private static final String CERTIFICATE = "/SimpleNotificationService-[0-9a-f]{16,64}\\.pem";
    private static final String CONFIRMATION = "/\\?Action=ConfirmSubscription&[!-~]*";
    private static final int MAX_BYTES = 64 * 1024;

    /** In a notification there is no SubscribeURL and no Token; a subject is optional. */
    private static final List<String> SIGNED =
            List.of("Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type");

    private final List<String> topics;
    private final HttpClient http;
    private final Bucket fetches = RateLimit.perSecond(1, 5);
    private final ConcurrentLruCache<String, X509Certificate> certificates =
            new ConcurrentLruCache<>(16, this::certificate);

    SnsMessages(List<String> topics, HttpClient http) {
        this.topics = topics;
        this.http = http;
    }

    /**
     * What was published; missing if the message is about the subscription, which is confirmed.
     *
     * @throws ErrorResponseException 401 if SNS did not sign it, 503 if SNS cannot be asked
     */
    JsonNode read(Posted posted) {
        JsonNode message = posted.json();
        String topic = message.path("TopicArn").asText();
        if (!topics.contains(topic) || !isSigned(message, topic)) {
            throw Posted.forged();
        }
        try {
            posted.requireRecent(Instant.parse(message.path("Timestamp").asText()), WINDOW);
        } catch (DateTimeException e) {
            throw Posted.malformed("Timestamp must be a time, such as 2026-11-29T00:54:06.655Z.");
        }
        String type = message.path("Type").asText();
        if (type.equals("Notification")) {
            return Posted.json(message.path("Message").asText().getBytes(UTF_8));
        }
        if (type.equals("SubscriptionConfirmation")) {
            fetch(ofSns(message.path("SubscribeURL").asText(), topic, CONFIRMATION));
        }
        LOG.info("{} of {}", type, topic);
        return MissingNode.getInstance();
    }

    private boolean isSigned(JsonNode message, String topic) {
        StringBuilder signed = new StringBuilder();
        SIGNED.stream()
                .filter(message::hasNonNull)
                .forEach(name -> signed.append(
                        "%s\n%s\n".formatted(name, message.path(name).asText())));
        String hash = message.path("SignatureVersion").asText().equals("2") ? "SHA256" : "SHA1";
        String url = ofSns(message.path("SigningCertURL").asText(), topic, CERTIFICATE);
        try {
            X509Certificate certificate = certificates.get(url);
            certificate.checkValidity();
            Signature rsa = Signature.getInstance(hash + "withRSA");
            rsa.initVerify(certificate.getPublicKey());
            rsa.update(signed.toString().getBytes(UTF_8));
            return rsa.verify(
                    Base64.getDecoder().decode(message.path("Signature").asText()));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return false; // not a signature at all, or of a certificate that has expired
        }
    }

    /** A URL, if it is one of SNS in the topic's region. */
    private static String ofSns(String url, String topic, String path) {
        String[] arn = topic.split(":", 5);
        String origin = "https://sns.%s.amazonaws.com%s".formatted(arn[3], arn[1].equals("aws-cn") ? ".cn" : "");
        if (!url.startsWith(origin) || !url.substring(origin.length()).matches(path)) {
            throw Posted.forged();
        }
        return url;
    }

    private X509Certificate certificate(String url) {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(fetch(url)));
        } catch (CertificateException e) {
            throw unanswered(e);
        }
    }

    private byte[] fetch(String url) {
        if (!fetches.tryConsume(1)) {
            throw retryLater();
        }
        try {
            return http.execute(new HttpGet(url), response -> {
                if (response.getCode() != HttpStatus.OK.value()) {
                    throw new IOException("it answered " + response.getCode());
                }
                return EntityUtils.toByteArray(response.getEntity(), MAX_BYTES);
            });
        } catch (IOException | DeliveryException | IllegalArgumentException e) {
            throw unanswered(e);
        }
    }

    private static ErrorResponseException unanswered(Exception e) {
        LOG.warn("Amazon SNS could not be asked", e);
        return retryLater();
    }

    private static ErrorResponseException retryLater() {
        return Problems.of(HttpStatus.SERVICE_UNAVAILABLE, "Retry later", "Amazon SNS could not be asked.");
    }
}
