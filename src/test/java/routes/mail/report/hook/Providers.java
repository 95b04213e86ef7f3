package routes.mail.report.hook;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.mock.web.MockHttpServletRequest;
import routes.event.EventJson;
import routes.mail.ReportsSettings;

/** The providers, as their documentation describes them and with keys of their own: what they post. */
final class Providers {

    static final String TOPIC = "arn:aws:sns:eu-west-1:123456789012:ses-reports";
    static final String SNS = "https://sns.eu-west-1.amazonaws.com";
    static final String CERTIFICATE_URL = SNS + "/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem";
    static final String CONFIRMATION_URL = SNS + "/?Action=ConfirmSubscription&TopicArn=" + TOPIC + "&Token=2336412f37";
    static final String PASSWORD = "a-password-of-postmark-that-is-long-enough";
    static final String MAILGUN_KEY = "a-signing-key-of-mailgun";
    static final String GENERIC_SECRET =
            "whsec_" + Base64.getEncoder().encodeToString("a-key-of-thirty-two-bytes-exact!".getBytes(UTF_8));
    static final byte[] CERTIFICATE;

    private static final KeyPair SENDGRID_KEYS;
    private static final PrivateKey SNS_KEY;

    static {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            SENDGRID_KEYS = generator.generateKeyPair();
            KeyStore keys = keyStore();
            SNS_KEY = (PrivateKey) keys.getKey("sns", "changeit".toCharArray());
            CERTIFICATE = ("-----BEGIN CERTIFICATE-----\n"
                            + Base64.getMimeEncoder()
                                    .encodeToString(keys.getCertificate("sns").getEncoded())
                            + "\n-----END CERTIFICATE-----\n")
                    .getBytes(UTF_8);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private Providers() {}

    /** A certificate that its own key has signed: only the JDK's tool makes one. */
    private static KeyStore keyStore() throws Exception {
        Path file = Files.createTempDirectory("sns").resolve("keys.p12");
        String arguments = "-genkeypair -alias sns -keyalg RSA -keysize 2048 -validity 30 -dname CN=sns.amazonaws.com"
                + " -storetype PKCS12 -storepass changeit -keystore " + file;
        Process keytool = new ProcessBuilder(
                        List.of((System.getProperty("java.home") + "/bin/keytool " + arguments).split(" ", -1)))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (keytool.waitFor() != 0) {
            throw new IllegalStateException("keytool failed");
        }
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            keys.load(in, "changeit".toCharArray());
        }
        return keys;
    }

    static ReportsSettings settings(int rate) {
        return new ReportsSettings(
                List.of(TOPIC),
                List.of(PASSWORD),
                List.of(sendGridKey()),
                List.of(MAILGUN_KEY),
                List.of(GENERIC_SECRET),
                rate);
    }

    static String sendGridKey() {
        return Base64.getEncoder().encodeToString(SENDGRID_KEYS.getPublic().getEncoded());
    }

    /** What a provider posts when a mailbox does not exist. */
    static String bounce(String provider, UUID delivery) {
        return switch (provider) {
            case "ses" -> """
                    {"notificationType":"Bounce","bounce":{"bounceType":"Permanent","bounceSubType":"General","feedbackId":"f-1",
                     "bouncedRecipients":[{"emailAddress":"jane@example.com","action":"failed","status":"5.1.1",
                      "diagnosticCode":"smtp; 550 5.1.1 user unknown"}]},
                     "mail":{"messageId":"0100-ses","destination":["jane@example.com"],
                      "commonHeaders":{"messageId":"<%s@demo.example>","to":["jane@example.com"]}}}""".formatted(delivery);
            case "postmark" -> """
                    {"RecordType":"Bounce","ID":4323372036854775807,"Type":"HardBounce","TypeCode":1,"Email":"jane@example.com",
                     "MessageID":"00000000-0000-4000-8000-000000000000","Metadata":{"delivery":"%s"},"Details":"user unknown",
                     "BouncedAt":"2026-11-05T16:33:54.9070259Z"}""".formatted(delivery);
            case "sendgrid" -> """
                    [{"event":"bounce","type":"bounce","email":"jane@example.com","timestamp":1764374400,"status":"5.1.1",
                      "reason":"550 5.1.1 user unknown","sg_event_id":"e-1","sg_message_id":"m.1","delivery":"%s"}]""".formatted(delivery);
            case "mailgun" -> """
                    {"event":"failed","severity":"permanent","reason":"bounce","id":"g-1","recipient":"jane@example.com",
                     "delivery-status":{"code":550,"enhanced-code":"5.1.1","message":"user unknown"},
                     "message":{"headers":{"message-id":"%s@demo.example","to":"jane@example.com"}}}""".formatted(delivery);
            default -> """
                    {"id":"r-1","kind":"hard_bounce","message_id":"<%s@demo.example>","recipient":"jane@example.com",
                     "code":"5.1.1","reason":"user unknown"}""".formatted(delivery);
        };
    }

    /** The same when a mail was delivered, which is no report. */
    static String delivered(String provider, UUID delivery) {
        return bounce(provider, delivery)
                .replace("\"Bounce\"", "\"Delivery\"")
                .replace("\"event\":\"bounce\",\"type\":\"bounce\"", "\"event\":\"delivered\"")
                .replace(
                        "\"event\":\"failed\",\"severity\":\"permanent\",\"reason\":\"bounce\"",
                        "\"event\":\"delivered\"")
                .replace("hard_bounce", "delivered");
    }

    /** What arrives, signed at a time. */
    static MockHttpServletRequest post(String provider, String payload, Instant at) {
        String seconds = String.valueOf(at.getEpochSecond());
        MockHttpServletRequest request = new MockHttpServletRequest("POST", "/reports/" + provider);
        String token = "token-" + payload.hashCode();
        String body = payload;
        switch (provider) {
            case "ses" -> body = sns("Notification", payload, at, Map.of());
            case "postmark" ->
                request.addHeader(
                        "Authorization",
                        "Basic " + Base64.getEncoder().encodeToString(("reports:" + PASSWORD).getBytes(UTF_8)));
            case "sendgrid" -> {
                request.addHeader("X-Twilio-Email-Event-Webhook-Timestamp", seconds);
                request.addHeader(
                        "X-Twilio-Email-Event-Webhook-Signature",
                        sign("SHA256withECDSA", SENDGRID_KEYS.getPrivate(), seconds + body));
            }
            case "mailgun" ->
                body = """
                        {"signature":{"timestamp":"%s","token":"%s","signature":"%s"},"event-data":%s}""".formatted(
                                seconds,
                                token,
                                HexFormat.of().formatHex(hmac(MAILGUN_KEY.getBytes(UTF_8), seconds + token)),
                                payload);
            default -> {
                byte[] key = Base64.getDecoder().decode(GENERIC_SECRET.substring("whsec_".length()));
                request.addHeader("webhook-id", "msg_1");
                request.addHeader("webhook-timestamp", seconds);
                request.addHeader(
                        "webhook-signature",
                        "v1a,other v1,"
                                + Base64.getEncoder().encodeToString(hmac(key, "msg_1." + seconds + "." + body)));
            }
        }
        request.setContent(body.getBytes(UTF_8));
        return request;
    }

    /** A message of SNS. */
    static String sns(String type, String message, Instant at, Map<String, String> different) {
        Map<String, String> fields = new TreeMap<>(Map.of(
                "Type", type,
                "Message", message,
                "MessageId", "165545c9-2a5c-472c-8df2-7ff2be2b3b1b",
                "TopicArn", TOPIC,
                "Timestamp", at.toString(),
                "SignatureVersion", "2",
                "SigningCertURL", CERTIFICATE_URL));
        if (type.equals("SubscriptionConfirmation")) {
            fields.put("SubscribeURL", CONFIRMATION_URL);
            fields.put("Token", "2336412f37");
        } else {
            fields.put("UnsubscribeURL", SNS + "/?Action=Unsubscribe");
        }
        fields.putAll(different);
        List<String> signed = type.equals("Notification")
                ? List.of("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
                : List.of("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type");
        String text = signed.stream()
                .filter(fields::containsKey)
                .map(name -> name + "\n" + fields.get(name) + "\n")
                .collect(Collectors.joining());
        String algorithm = "1".equals(fields.get("SignatureVersion")) ? "SHA1withRSA" : "SHA256withRSA";
        fields.putIfAbsent("Signature", sign(algorithm, SNS_KEY, text));
        return EventJson.mapper().valueToTree(fields).toString();
    }

    private static String sign(String algorithm, PrivateKey key, String text) {
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(text.getBytes(UTF_8));
            return Base64.getEncoder().encodeToString(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] hmac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text.getBytes(UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
