package routes.mail;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import routes.event.Ids;

/**
 * An envelope sender for each mail (variable envelope return path), so that a bounce says by the address to which it comes which mail
 * it is about: {@code bounces+<delivery>-<tag>@bounce.example.com}. The tag is a keyed digest: nobody else can make one.
 */
@Component
public class Verp {

    /** In bytes: with a delivery and its signs, and 14 characters of the setting, at most the 64 octets of RFC 5321, section 4.5.3.1.1. */
    private static final int TAG = 6;

    private static final Pattern VARIABLE = Pattern.compile("\\+([0-9a-f-]{36})-([0-9a-f]{12})@");

    private final @Nullable String address;
    private final MailSecrets secrets;

    Verp(BounceSettings settings, MailSecrets secrets) {
        this.address = settings.verpAddress();
        this.secrets = secrets;
    }

    /** The envelope sender of a delivery's mail; empty without {@code bounces.verp-address}. Who sends mail has {@code mail.secrets}. */
    public Optional<String> sender(UUID delivery) {
        return Optional.ofNullable(address)
                .map(its -> its.replace(
                        "@", "+%s-%s@".formatted(delivery, tags(delivery).get(0))));
    }

    /** The delivery that an address in a text is of, even if VERP is no longer used; empty if none has a right tag. */
    public Optional<UUID> delivery(String text) {
        return VARIABLE.matcher(text.toLowerCase(Locale.ROOT))
                .results()
                .filter(found -> Ids.isUuid(found.group(1)) && isRight(UUID.fromString(found.group(1)), found.group(2)))
                .map(found -> UUID.fromString(found.group(1)))
                .findFirst();
    }

    private boolean isRight(UUID delivery, String tag) {
        return tags(delivery).stream()
                .anyMatch(right -> MessageDigest.isEqual(right.getBytes(UTF_8), tag.getBytes(UTF_8)));
    }

    private List<String> tags(UUID delivery) {
        return secrets.of("verp", delivery.toString()).stream()
                .map(digest -> HexFormat.of().formatHex(digest, 0, TAG))
                .toList();
    }
}
