package routes.mail;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.security.crypto.encrypt.AesBytesEncryptor;
import org.springframework.security.crypto.encrypt.AesBytesEncryptor.CipherAlgorithm;
import org.springframework.security.crypto.encrypt.BytesEncryptor;
import org.springframework.security.crypto.keygen.KeyGenerators;
import org.springframework.stereotype.Component;

/**
 * The links at which people unsubscribe. A token has all that is needed, so that it also works when the delivery is no longer
 * in the ledger: encrypted and authenticated (AES-256-GCM) with a key made of {@code mail.secrets}, and valid as long as its
 * secret is among them.
 */
@Component
public class UnsubscribeTokens {

    private static final int NONCE = 16;
    private static final int TAG = 16;

    private final MailSettings settings;
    private final List<BytesEncryptor> keys;

    UnsubscribeTokens(MailSettings settings, MailSecrets secrets) {
        this.settings = settings;
        this.keys = secrets.of("unsubscribe", "").stream()
                .<BytesEncryptor>map(key -> new AesBytesEncryptor(
                        new SecretKeySpec(key, "AES"), KeyGenerators.secureRandom(NONCE), CipherAlgorithm.GCM))
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

    /** The link; empty if {@code mail.unsubscribe-url} is unset. */
    Optional<String> url(UUID delivery, String campaignId, String address) {
        if (settings.unsubscribeUrl() == null) {
            return Optional.empty();
        }
        byte[] text = "%s\n%s\n%s".formatted(delivery, campaignId, address).getBytes(UTF_8);
        String token = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(keys.get(0).encrypt(text));
        return Optional.of("%s/unsubscribe/%s".formatted(settings.unsubscribeUrl(), token));
    }

    /** What a token says; empty if this service did not make it. */
    public Optional<Subscription> open(String token) {
        return keys.stream().flatMap(key -> open(key, token).stream()).findFirst();
    }

    private static Optional<Subscription> open(BytesEncryptor key, String token) {
        try {
            byte[] sealed = Base64.getUrlDecoder().decode(token);
            if (sealed.length <= NONCE + TAG) {
                return Optional.empty();
            }
            String[] part = new String(key.decrypt(sealed), UTF_8).split("\n", 3);
            return Optional.of(new Subscription(UUID.fromString(part[0]), part[1], part[2]));
        } catch (IllegalStateException | IllegalArgumentException e) {
            return Optional.empty(); // forged, of another secret, or not Base64
        }
    }
}
