package routes.event;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.ErrorResponseException;

/**
 * The keys without one of which the HTTP side answers nobody: {@code Authorization: Bearer} (RFC 6750). There are several while
 * one takes the place of another, and each may send so many requests with events a second.
 */
@Component
public class ApiKey {

    private static final String BEARER = "Bearer ";
    private static final String HASHED = "{sha256}";

    private final List<byte[]> digests;
    private final List<TokenBucket> rates;
    private final int rate;

    ApiKey(PublishingSettings settings) {
        this.digests = settings.apiKey().stream().map(ApiKey::digest).toList();
        this.rates = digests.stream()
                .map(key -> new TokenBucket(settings.rate(), settings.rate()))
                .toList();
        this.rate = settings.rate();
    }

    /**
     * Lets a request pass that has a key.
     *
     * @param authorization the header of that name; null where there is none
     * @throws ErrorResponseException 401 without a key, 403 where none is set
     */
    public void require(@Nullable String authorization) {
        find(authorization);
    }

    /**
     * The same, for requests of which a key may send {@code publishing.rate} a second.
     *
     * @throws ErrorResponseException also 429 where there were more
     */
    void requireAtRate(@Nullable String authorization) {
        if (!rates.get(find(authorization)).take()) {
            ErrorResponseException tooMany = Problems.of(
                    HttpStatus.TOO_MANY_REQUESTS,
                    "Too many requests",
                    "A key may send %d requests a second (PUBLISH_RATE). Send this one again in a second; a request takes up to 1000 events."
                            .formatted(rate));
            tooMany.getHeaders().set(HttpHeaders.RETRY_AFTER, "1");
            throw tooMany;
        }
    }

    private int find(@Nullable String authorization) {
        if (digests.isEmpty()) {
            throw Problems.of(
                    HttpStatus.FORBIDDEN,
                    "The HTTP side is off",
                    "Set PUBLISH_API_KEY (publishing.api-key) to open POST /events and the leaderboards.");
        }
        int key = authorization != null && authorization.startsWith(BEARER)
                ? indexOf(authorization.substring(BEARER.length()).strip())
                : -1;
        if (key < 0) {
            ErrorResponseException unauthorized = Problems.of(
                    HttpStatus.UNAUTHORIZED,
                    "Not authorized",
                    "Send the header Authorization: Bearer and the API key.");
            unauthorized.getHeaders().set(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
            throw unauthorized;
        }
        return key;
    }

    /** All are compared, each in constant time: how long it takes says nothing about any key. */
    private int indexOf(String given) {
        byte[] digest = sha256(given);
        int found = -1;
        for (int i = 0; i < digests.size(); i++) {
            found = MessageDigest.isEqual(digest, digests.get(i)) ? i : found;
        }
        return found;
    }

    private static byte[] digest(String configured) {
        return configured.startsWith(HASHED)
                ? HexFormat.of().parseHex(configured.substring(HASHED.length()))
                : sha256(configured);
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JVM has SHA-256", e);
        }
    }
}
