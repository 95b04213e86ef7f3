package routes.mail.report.hook;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import javax.crypto.spec.SecretKeySpec;
import org.apache.hc.client5.http.classic.HttpClient;
import org.springframework.http.HttpHeaders;
import org.springframework.util.ConcurrentLruCache;
import routes.event.Sha256;
import routes.mail.MailSecrets;
import routes.mail.ReportsSettings;

/** Proves that a request is a provider's own, as each documents it: in constant time, over the bytes as they came. */
final class Signatures {

    private static final int TOKENS = 10_000;

    private final ReportsSettings settings;
    private final SnsMessages sns;

    /** Mailgun's latest tokens, each with the hash of the one body that it was for. */
    private final ConcurrentLruCache<String, AtomicReference<String>> tokens =
            new ConcurrentLruCache<>(TOKENS, token -> new AtomicReference<>());

    Signatures(ReportsSettings settings, HttpClient http) {
        this.settings = settings;
        this.sns = new SnsMessages(settings.sesTopics(), http);
    }

    /**
     * What a provider sent: an event, or an array of them.
     *
     * @throws org.springframework.web.ErrorResponseException 401 if somebody else sent it, or it is a replay
     */
    JsonNode verified(String provider, Posted posted) {
        return switch (provider) {
            case "ses" -> sns.read(posted);
            case "postmark" -> postmark(posted);
            case "sendgrid" -> sendGrid(posted);
            case "mailgun" -> mailgun(posted);
            default -> generic(posted);
        };
    }

    /** Postmark signs nothing: the password of the URL comes as HTTP Basic. */
    private JsonNode postmark(Posted posted) {
        require(
                settings.postmarkPasswords().stream()
                        .map(password -> "Basic " + HttpHeaders.encodeBasicAuth("reports", password, UTF_8)),
                posted.header(HttpHeaders.AUTHORIZATION));
        return posted.json();
    }

    private JsonNode sendGrid(Posted posted) {
        String timestamp = posted.header("X-Twilio-Email-Event-Webhook-Timestamp");
        String signature = posted.header("X-Twilio-Email-Event-Webhook-Signature");
        byte[] signed = concatenated(timestamp, posted.body());
        if (settings.sendgridKeys().stream().noneMatch(key -> isByEcdsa(key, signature, signed))) {
            throw Posted.forged();
        }
        posted.requireRecent(timestamp);
        return posted.json();
    }

    /** Mailgun signs a timestamp and a token, but not the event: a token is good for one body. */
    private JsonNode mailgun(Posted posted) {
        JsonNode json = posted.json();
        String timestamp = json.at("/signature/timestamp").asText();
        String token = json.at("/signature/token").asText();
        require(
                settings.mailgunKeys().stream().map(key -> HexFormat.of()
                        .formatHex(hmac(key.getBytes(UTF_8), (timestamp + token).getBytes(UTF_8)))),
                json.at("/signature/signature").asText());
        posted.requireRecent(timestamp);
        String body = Sha256.hex(new String(posted.body(), UTF_8));
        AtomicReference<String> first = tokens.get(token);
        if (!first.compareAndSet(null, body) && !body.equals(first.get())) {
            throw Posted.forged();
        }
        return json;
    }

    /** Standard Webhooks 1.0, v1. */
    private JsonNode generic(Posted posted) {
        String timestamp = posted.header("webhook-timestamp");
        byte[] signed = concatenated("%s.%s.".formatted(posted.header("webhook-id"), timestamp), posted.body());
        require(
                settings.genericSecrets().stream()
                        .map(secret -> Base64.getDecoder().decode(secret.substring("whsec_".length())))
                        .map(key -> "v1," + Base64.getEncoder().encodeToString(hmac(key, signed))),
                posted.header("webhook-signature").split(" ", -1));
        posted.requireRecent(timestamp);
        return posted.json();
    }

    private static void require(Stream<String> expected, String... given) {
        boolean isOne = expected.map(one -> one.getBytes(UTF_8))
                .anyMatch(one -> Arrays.stream(given).anyMatch(its -> MessageDigest.isEqual(one, its.getBytes(UTF_8))));
        if (!isOne) {
            throw Posted.forged();
        }
    }

    private static boolean isByEcdsa(String key, String signature, byte[] signed) {
        try {
            Signature ecdsa = Signature.getInstance("SHA256withECDSA");
            ecdsa.initVerify(KeyFactory.getInstance("EC")
                    .generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(key))));
            ecdsa.update(signed);
            return ecdsa.verify(Base64.getDecoder().decode(signature));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return false; // not a signature at all
        }
    }

    private static byte[] hmac(byte[] key, byte[] signed) {
        return MailSecrets.digest(new SecretKeySpec(key, MailSecrets.ALGORITHM), signed);
    }

    private static byte[] concatenated(String head, byte[] body) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(head.getBytes(UTF_8));
        all.writeBytes(body);
        return all.toByteArray();
    }
}
