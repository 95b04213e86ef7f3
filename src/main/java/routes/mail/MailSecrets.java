package routes.mail;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.stereotype.Component;

/**
 * Keyed digests (HMAC-SHA-256, RFC 2104) by {@code mail.secrets}: the first secret makes new ones, and those of the others are
 * still recognized, so that a secret can be changed.
 */
@Component
public class MailSecrets {

    /** The algorithm, for keys. */
    public static final String ALGORITHM = "HmacSHA256";

    private final List<SecretKeySpec> keys;

    MailSecrets(MailSettings settings) {
        this.keys = settings.secrets().stream()
                .map(secret -> new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM))
                .toList();
    }

    /**
     * The digests of a text, 32 bytes each: one for each secret, newest first.
     *
     * @param purpose what it is for: the same text has other digests for other purposes
     */
    public List<byte[]> of(String purpose, String text) {
        byte[] input = (purpose + '\0' + text).getBytes(StandardCharsets.UTF_8);
        return keys.stream().map(key -> digest(key, input)).toList();
    }

    /** The digest of bytes by a key (HMAC-SHA-256). */
    public static byte[] digest(SecretKeySpec key, byte[] input) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return mac.doFinal(input);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every JVM has HMAC-SHA-256", e);
        }
    }
}
