package routes.webhook;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import routes.delivery.DeliveryException;

/**
 * Signs webhooks: Standard Webhooks 1.0, "Signature scheme", symmetric (v1, HMAC-SHA256) and asymmetric (v1a, ed25519). The
 * secret decides which one.
 */
final class WebhookSignature {

    private static final String SYMMETRIC = "whsec_";
    private static final int MIN_KEY = 24;
    private static final int MAX_KEY = 64;

    private static final String PRIVATE = "whsk_";
    private static final int SEED = 32;

    /** The usual form of an ed25519 private key in libraries: the seed, followed by the public key. */
    private static final int SEED_AND_PUBLIC_KEY = 64;

    private WebhookSignature() {}

    /**
     * The value of the header webhook-signature: one signature per secret, so that a receiver can rotate its keys.
     *
     * @param secrets each {@code whsec_} and the Base64 of 24 to 64 bytes, or {@code whsk_} and the Base64 of a private key of ed25519:
     *     its seed of 32 bytes, with or without the public key after it
     * @param id the value of webhook-id
     * @param timestamp the value of webhook-timestamp, in seconds since the epoch
     * @param body the request's body, byte for byte
     * @throws DeliveryException.Permanent when there is no secret, or one is malformed
     */
    static String sign(List<String> secrets, String id, long timestamp, byte[] body) {
        if (secrets.isEmpty()) {
            throw new DeliveryException.Permanent("the webhook has no secret to sign with");
        }
        ByteArrayOutputStream signed = new ByteArrayOutputStream();
        signed.writeBytes("%s.%d.".formatted(id, timestamp).getBytes(StandardCharsets.UTF_8));
        signed.writeBytes(body);
        return secrets.stream()
                .map(secret -> signature(secret, signed.toByteArray()))
                .collect(Collectors.joining(" "));
    }

    private static String signature(@Nullable String secret, byte[] signed) {
        try {
            if (secret != null && secret.startsWith(SYMMETRIC)) {
                byte[] key = Base64.getDecoder().decode(secret.substring(SYMMETRIC.length()));
                if (key.length >= MIN_KEY && key.length <= MAX_KEY) {
                    return "v1," + hmac(key, signed);
                }
            }
            if (secret != null && secret.startsWith(PRIVATE)) {
                byte[] key = Base64.getDecoder().decode(secret.substring(PRIVATE.length()));
                if (key.length == SEED || key.length == SEED_AND_PUBLIC_KEY) {
                    return "v1a," + ed25519(Arrays.copyOf(key, SEED), signed);
                }
            }
        } catch (IllegalArgumentException e) {
            throw new DeliveryException.Permanent(wrongForm(), null, e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("The JDK has HmacSHA256, and Ed25519 since 15", e);
        }
        throw new DeliveryException.Permanent(wrongForm());
    }

    private static String wrongForm() {
        return "a secret of the webhook is neither whsec_ and %d to %d bytes in Base64, nor whsk_ and an ed25519 key"
                .formatted(MIN_KEY, MAX_KEY);
    }

    private static String hmac(byte[] key, byte[] signed) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return Base64.getEncoder().encodeToString(mac.doFinal(signed));
    }

    private static String ed25519(byte[] seed, byte[] signed) throws GeneralSecurityException {
        Signature signature = Signature.getInstance("Ed25519");
        signature.initSign(KeyFactory.getInstance("Ed25519")
                .generatePrivate(new EdECPrivateKeySpec(NamedParameterSpec.ED25519, seed)));
        signature.update(signed);
        return Base64.getEncoder().encodeToString(signature.sign());
    }
}
