package routes.api;

import io.github.bucket4j.Bucket;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.ErrorResponseException;
import routes.background.RateLimit;
import routes.event.Sha256;

/**
 * The API keys of the HTTP side: {@code Authorization: Bearer} (RFC 6750). There can be several during a rotation, and each
 * has a rate limit for requests with events.
 */
@Component
public class ApiKey {

    private static final Logger LOG = LoggerFactory.getLogger(ApiKey.class);

    /** The scheme's name is case-insensitive (RFC 9110, section 11.1). */
    private static final String BEARER = "Bearer ";

    private static final String HASHED = "{sha256}";

    /** How many wrong keys per second get 401; valid keys are not affected. */
    private static final int GUESSES = 10;

    private final List<byte[]> digests;
    private final List<Bucket> rates;
    private final int rate;
    private final Bucket guesses = RateLimit.perSecond(GUESSES, 2 * GUESSES);
    private final Counter refused;
    private final Bucket lines = RateLimit.onePerMinute();

    ApiKey(PublishingSettings settings, MeterRegistry metrics) {
        this.digests = settings.apiKey().stream().map(ApiKey::digest).toList();
        this.rates = digests.stream()
                .map(key -> RateLimit.perSecond(settings.rate(), settings.rate()))
                .toList();
        this.rate = settings.rate();
        this.refused = metrics.counter("domain.events.api.keys.refused");
        if (settings.apiKey().stream().anyMatch(key -> key.length() < PublishingSettings.GOOD_LENGTH)) {
            LOG.warn(
                    "PUBLISH_API_KEY (publishing.api-key) has a key of fewer than {} characters, which can be guessed: replace it, for example with the output of openssl rand -hex 32",
                    PublishingSettings.GOOD_LENGTH);
        }
    }

    /**
     * Requires a valid key.
     *
     * @param authorization the header of that name; null if missing
     * @throws ErrorResponseException 401 without a key, 403 where none is set, 429 after many wrong ones
     */
    public void require(@Nullable String authorization) {
        find(authorization);
    }

    /**
     * Requires a valid key that has not used up {@code publishing.rate}.
     *
     * @throws ErrorResponseException also 429 if it has
     */
    void requireAtRate(@Nullable String authorization) {
        if (!rates.get(find(authorization)).tryConsume(1)) {
            throw tooMany(
                    "Each key may send %d requests per second (PUBLISH_RATE). Retry in a second, or send up to 1000 events in one request."
                            .formatted(rate));
        }
    }

    private int find(@Nullable String authorization) {
        if (digests.isEmpty()) {
            throw Problems.of(
                    HttpStatus.FORBIDDEN,
                    "The HTTP side is off",
                    "Set PUBLISH_API_KEY (publishing.api-key) to open POST /events and the leaderboards.");
        }
        String given = authorization != null && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
                ? authorization.substring(BEARER.length()).strip()
                : null;
        int key = given == null ? -1 : indexOf(given);
        if (key < 0) {
            if (given != null) {
                count();
            }
            ErrorResponseException unauthorized = Problems.of(
                    HttpStatus.UNAUTHORIZED, "Not authorized", "Send the API key in the header Authorization: Bearer.");
            unauthorized.getHeaders().set(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
            throw unauthorized;
        }
        return key;
    }

    /** Counts a wrong key, and logs from time to time. */
    private void count() {
        refused.increment();
        if (lines.tryConsume(1)) {
            LOG.warn("Requests with a wrong API key were refused, {} since startup", (long) refused.count());
        }
        if (!guesses.tryConsume(1)) {
            throw tooMany("Too many wrong keys were sent. Send the right one.");
        }
    }

    private static ErrorResponseException tooMany(String detail) {
        ErrorResponseException tooMany = Problems.of(HttpStatus.TOO_MANY_REQUESTS, "Too many requests", detail);
        tooMany.getHeaders().set(HttpHeaders.RETRY_AFTER, "1");
        return tooMany;
    }

    /** Compares all keys, each in constant time, so that the time taken reveals nothing about any key. */
    private int indexOf(String given) {
        byte[] digest = Sha256.of(given);
        int found = -1;
        for (int i = 0; i < digests.size(); i++) {
            found = MessageDigest.isEqual(digest, digests.get(i)) ? i : found;
        }
        return found;
    }

    private static byte[] digest(String configured) {
        return configured.startsWith(HASHED)
                ? HexFormat.of().parseHex(configured.substring(HASHED.length()))
                : Sha256.of(configured);
    }
}
