package routes.reward;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import routes.delivery.DeliveryException;

/** Signs webhooks: Standard Webhooks 1.0, "Signature scheme", symmetric (v1, HMAC-SHA256). */
final class WebhookSignature {

    private static final String SECRET_PREFIX = "whsec_";
    private static final int MIN_KEY = 24;
    private static final int MAX_KEY = 64;

    private WebhookSignature() {}

    /**
     * The value of the header webhook-signature: one signature a secret, so that a receiver may rotate its keys.
     *
     * @param secrets {@code whsec_} and the Base64 of 24 to 64 bytes each
     * @param id the value of webhook-id
     * @param timestamp the value of webhook-timestamp, in seconds since the epoch
     * @param body the request's body, byte for byte
     * @throws DeliveryException.Permanent when there is no secret, or one is in a wrong form
     */
    static String sign(List<String> secrets, String id, long timestamp, byte[] body) {
        if (secrets.isEmpty()) {
            throw new DeliveryException.Permanent("the webhook has no secret to sign with");
        }
        ByteArrayOutputStream signed = new ByteArrayOutputStream();
        signed.writeBytes("%s.%d.".formatted(id, timestamp).getBytes(StandardCharsets.UTF_8));
        signed.writeBytes(body);
        return secrets.stream()
                .map(secret -> "v1," + hmac(key(secret), signed.toByteArray()))
                .collect(Collectors.joining(" "));
    }

    private static byte[] key(String secret) {
        try {
            if (secret.startsWith(SECRET_PREFIX)) {
                byte[] key = Base64.getDecoder().decode(secret.substring(SECRET_PREFIX.length()));
                if (key.length >= MIN_KEY && key.length <= MAX_KEY) {
                    return key;
                }
            }
        } catch (IllegalArgumentException e) {
            throw new DeliveryException.Permanent(wrongForm(), null, e);
        }
        throw new DeliveryException.Permanent(wrongForm());
    }

    private static String wrongForm() {
        return "a secret of the webhook is not in the form whsec_ and the Base64 of %d to %d bytes"
                .formatted(MIN_KEY, MAX_KEY);
    }

    private static String hmac(byte[] key, byte[] signed) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return Base64.getEncoder().encodeToString(mac.doFinal(signed));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has HmacSHA256", e);
        }
    }
}
