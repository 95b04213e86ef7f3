package routes.mail.report.hook;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bucket4j.Bucket;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import routes.api.Problems;
import routes.background.RateLimit;

/**
 * Messages of Amazon SNS over HTTPS, from topics that a setting names: signatures of version 1 and 2, and the confirmation of a
 * subscription. Certificates, and the confirmation, come only from SNS in the topic's region.
 */
final class SnsMessages {

    private static final Logger LOG = LoggerFactory.getLogger(SnsMessages.class);

    /** SNS repeats a message, with its first timestamp, for an hour at most. */
    private static final Duration WINDOW = Posted.WINDOW.plusHours(1);

    /** Regions change their certificate now and then. */
    private static final int CERTIFICATES = 16;

    private static final List<String> SIGNED =
            List.of("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type");
    private static final List<String> SIGNED_IN_CONFIRMATION =
            List.of("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type");

    private final List<String> topics;
    private final Fetch fetch;
    private final Bucket fetches = RateLimit.perSecond(1, 5);
    private final Map<URI, X509Certificate> certificates = new ConcurrentHashMap<>();

    SnsMessages(List<String> topics, Fetch fetch) {
        this.topics = topics;
        this.fetch = fetch;
    }

    /** Fetches from the internet, within bounds and only from public addresses. */
    @FunctionalInterface
    interface Fetch {
        byte[] get(URI uri) throws IOException;
    }

    /**
     * The text of a message; empty if it was about the subscription.
     *
     * @throws org.springframework.web.ErrorResponseException 401 if SNS did not sign it, 503 if SNS cannot be asked
     */
    Optional<String> read(Posted posted) {
        JsonNode message = posted.json();
        String topic = message.path("TopicArn").asText();
        if (!topics.contains(topic) || !isSigned(message, topic)) {
            throw Posted.forged();
        }
        posted.requireRecent(timestamp(message), WINDOW);
        switch (message.path("Type").asText()) {
            case "Notification" -> {
                return Optional.of(message.path("Message").asText());
            }
            case "SubscriptionConfirmation" -> {
                get(ofSns(message.path("SubscribeURL").asText(), topic, "/\\?Action=ConfirmSubscription&.*"));
                LOG.info("Confirmed the subscription to {}", topic);
            }
            default -> LOG.info("The subscription to {} has ended", topic);
        }
        return Optional.empty();
    }

    private boolean isSigned(JsonNode message, String topic) {
        StringBuilder signed = new StringBuilder();
        for (String name : message.has("SubscribeURL") ? SIGNED_IN_CONFIRMATION : SIGNED) {
            if (message.hasNonNull(name)) {
                signed.append(name)
                        .append('\n')
                        .append(message.path(name).asText())
                        .append('\n');
            }
        }
        String algorithm =
                switch (message.path("SignatureVersion").asText()) {
                    case "1" -> "SHA1withRSA";
                    case "2" -> "SHA256withRSA";
                    default -> throw Posted.forged();
                };
        URI certificate = ofSns(
                message.path("SigningCertURL").asText(), topic, "/SimpleNotificationService-[0-9a-f]{16,64}\\.pem");
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initVerify(certificate(certificate).getPublicKey());
            signature.update(signed.toString().getBytes(UTF_8));
            return signature.verify(
                    Base64.getDecoder().decode(message.path("Signature").asText()));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return false; // neither a certificate nor a signature
        }
    }

    private X509Certificate certificate(URI uri) throws GeneralSecurityException {
        X509Certificate certificate = certificates.get(uri);
        if (certificate == null) {
            certificate = (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(get(uri)));
            if (certificates.size() >= CERTIFICATES) {
                certificates.clear();
            }
            certificates.put(uri, certificate);
        }
        certificate.checkValidity();
        return certificate;
    }

    /** A URL of SNS in the region of a topic. */
    private static URI ofSns(String url, String topic, String pathAndQuery) {
        String[] arn = topic.split(":", 5);
        String origin = "https://sns.%s.amazonaws.com%s".formatted(arn[3], arn[1].equals("aws-cn") ? ".cn" : "");
        if (!url.startsWith(origin) || !url.substring(origin.length()).matches(pathAndQuery)) {
            throw Posted.forged();
        }
        try {
            return URI.create(url);
        } catch (IllegalArgumentException e) {
            throw Posted.forged();
        }
    }

    private byte[] get(URI uri) {
        try {
            if (fetches.tryConsume(1)) {
                return fetch.get(uri);
            }
            LOG.warn("Too many certificates of Amazon SNS are asked for");
        } catch (IOException e) {
            LOG.warn("Amazon SNS could not be asked", e);
        }
        throw Problems.of(HttpStatus.SERVICE_UNAVAILABLE, "Retry later", "Amazon SNS could not be asked.");
    }

    private static Instant timestamp(JsonNode message) {
        try {
            return Instant.parse(message.path("Timestamp").asText());
        } catch (DateTimeException e) {
            throw Posted.malformed("Timestamp must be a time, such as 2026-11-29T00:54:06.655Z.");
        }
    }
}
