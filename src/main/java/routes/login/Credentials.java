package routes.login;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.jspecify.annotations.Nullable;
import org.springframework.security.crypto.bcrypt.BCrypt;

/**
 * The user and the password that are right, compared in constant time. A password that was right once is remembered as a digest,
 * so that bcrypt, which is slow on purpose, does not slow down each request of somebody who is logged in.
 */
final class Credentials {

    private static final String BCRYPT = "{bcrypt}";

    private final byte[] username;
    private final @Nullable String hash;
    private volatile byte @Nullable [] right;

    Credentials(LoginSettings settings) {
        boolean hashed = settings.password().startsWith(BCRYPT);
        this.username = digest(settings.username());
        this.hash = hashed ? settings.password().substring(BCRYPT.length()) : null;
        this.right = hashed ? null : digest(settings.password());
    }

    /** Whether these are known to be right; costs little. */
    boolean areKnown(String username, String password) {
        byte[] known = right;
        boolean user = MessageDigest.isEqual(this.username, digest(username));
        boolean passes = known != null && MessageDigest.isEqual(known, digest(password));
        return user && passes;
    }

    /** Whether these are right; may cost a tenth of a second. */
    boolean areRight(String username, String password) {
        if (hash == null || areKnown(username, password)) {
            return areKnown(username, password);
        }
        boolean user = MessageDigest.isEqual(this.username, digest(username));
        boolean passes = BCrypt.checkpw(password, hash);
        if (passes) {
            right = digest(password);
        }
        return user && passes;
    }

    private static byte[] digest(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JVM has SHA-256", e);
        }
    }
}
