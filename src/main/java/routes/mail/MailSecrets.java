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

    private final List<Secret> secrets;

    MailSecrets(MailSettings settings) {
        this.secrets = settings.secrets().stream().map(Secret::of).toList();
    }

    /**
     * The digests of a text, 32 bytes each: one for each secret, newest first.
     *
     * @param purpose what it is for: the same text has other digests for other purposes
     */
    public List<byte[]> of(String purpose, String text) {
        byte[] input = (purpose + '\0' + text).getBytes(StandardCharsets.UTF_8);
        return secrets.stream().map(secret -> secret.digest(input)).toList();
    }

    /** The digest of bytes by a key (HMAC-SHA-256). */
    public static byte[] digest(SecretKeySpec key, byte[] input) {
        return mac(key).doFinal(input);
    }

    private static Mac mac(SecretKeySpec key) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every JVM has HMAC-SHA-256", e);
        }
    }

    /** A Mac must not be shared by threads, and to look one up and give it its key takes longer than the digest of an address. */
    private record Secret(SecretKeySpec key, Mac keyed) {

        static Secret of(String secret) {
            SecretKeySpec key = new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM);
            return new Secret(key, mac(key));
        }

        byte[] digest(byte[] input) {
            try {
                return ((Mac) keyed.clone()).doFinal(input);
            } catch (CloneNotSupportedException e) { // of another provider, such as PKCS #11
                return mac(key).doFinal(input);
            }
        }
    }
}
