package routes.mail;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.Key;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import routes.settings.InvalidSettingException;

/**
 * The links at which people unsubscribe: each has a token with all that is needed, so that it also works when the delivery is
 * no longer in the ledger. A token is encrypted and authenticated (AES-256-GCM) with a key made of {@code mail.secrets}, and
 * valid as long as its secret is among them.
 */
@Component
public class UnsubscribeTokens {

    private static final String PURPOSE = "unsubscribe";
    private static final int NONCE = 12;
    private static final int TAG_BITS = 128;

    /** Longer than any token: ids have at most 128 characters, addresses 254. */
    private static final int MAX_LENGTH = 1024;

    private final @Nullable String base;
    private final MailSecrets secrets;
    private final List<Key> keys;

    UnsubscribeTokens(UnsubscribeSettings settings, MailSettings mail, MailSecrets secrets) {
        if (settings.url() != null && mail.secrets().isEmpty()) {
            throw new InvalidSettingException(
                    "mail.secrets",
                    "is missing, and unsubscribe.url (UNSUBSCRIBE_URL) signs its links with it: write a secret of at least 32 characters, such as the output of openssl rand -hex 32");
        }
        this.base = settings.url();
        this.secrets = secrets;
        this.keys = secrets.of(PURPOSE, "key").stream()
                .<Key>map(digest -> new SecretKeySpec(digest, "AES"))
                .toList();
    }

    /**
     * Who unsubscribes from what.
     *
     * @param delivery the delivery of the mail with the link
     * @param campaignId its campaign
     * @param address the address that the mail went to
     */
    public record Subscription(UUID delivery, String campaignId, String address) {}

    /** The link, the same for all attempts at a mail; empty if {@code unsubscribe.url} is unset. */
    Optional<String> url(Subscription subscription) {
        return base == null ? Optional.empty() : Optional.of(base + "/unsubscribe/" + seal(subscription));
    }

    /** What a token says; empty if this service did not make it. */
    public Optional<Subscription> open(String token) {
        byte[] sealed = token.length() > MAX_LENGTH ? new byte[0] : decoded(token);
        return keys.stream()
                .flatMap(key -> opened(key, sealed).stream())
                .findFirst()
                .map(text -> text.split("\n", 3))
                .map(part -> new Subscription(UUID.fromString(part[0]), part[1], part[2]));
    }

    private String seal(Subscription its) {
        String text = "%s\n%s\n%s".formatted(its.delivery(), its.campaignId(), its.address());
        // The nonce follows from the content, as in RFC 8452: the same link each time, and no nonce for two contents.
        byte[] nonce = Arrays.copyOf(secrets.of(PURPOSE, text).get(0), NONCE);
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, keys.get(0), nonce).doFinal(text.getBytes(UTF_8));
            byte[] token = Arrays.copyOf(nonce, NONCE + sealed.length);
            System.arraycopy(sealed, 0, token, NONCE, sealed.length);
            return Base64.getUrlEncoder().withoutPadding().encodeToString(token);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every JVM has AES-GCM", e);
        }
    }

    private static Optional<String> opened(Key key, byte[] sealed) {
        if (sealed.length < NONCE + TAG_BITS / Byte.SIZE) {
            return Optional.empty();
        }
        try {
            Cipher cipher = cipher(Cipher.DECRYPT_MODE, key, sealed);
            return Optional.of(new String(cipher.doFinal(sealed, NONCE, sealed.length - NONCE), UTF_8));
        } catch (AEADBadTagException e) {
            return Optional.empty(); // forged, or of another secret
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every JVM has AES-GCM", e);
        }
    }

    private static Cipher cipher(int mode, Key key, byte[] nonce) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce, 0, NONCE));
        return cipher;
    }

    private static byte[] decoded(String token) {
        try {
            return Base64.getUrlDecoder().decode(token);
        } catch (IllegalArgumentException e) {
            return new byte[0]; // not Base64: not a token
        }
    }
}
