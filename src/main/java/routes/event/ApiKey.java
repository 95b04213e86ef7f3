package routes.event;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.ErrorResponseException;

/** The key without which the HTTP side answers nobody: {@code Authorization: Bearer} (RFC 6750). */
@Component
public class ApiKey {

    private static final String BEARER = "Bearer ";

    private final PublishingSettings settings;

    ApiKey(PublishingSettings settings) {
        this.settings = settings;
    }

    /**
     * Lets a request pass that has the key.
     *
     * @param authorization the header of that name; null where there is none
     * @throws ErrorResponseException 401 without the key, 403 where none is set
     */
    public void require(@Nullable String authorization) {
        if (!settings.isOpen()) {
            throw Problems.of(
                    HttpStatus.FORBIDDEN,
                    "The HTTP side is off",
                    "Set PUBLISH_API_KEY (publishing.api-key) to open POST /events and the leaderboards.");
        }
        if (authorization == null || !authorization.startsWith(BEARER) || !isKey(authorization)) {
            ErrorResponseException unauthorized = Problems.of(
                    HttpStatus.UNAUTHORIZED,
                    "Not authorized",
                    "Send the header Authorization: Bearer and the API key.");
            unauthorized.getHeaders().set(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
            throw unauthorized;
        }
    }

    /** In constant time: how long it takes says nothing about the key. */
    private boolean isKey(String authorization) {
        byte[] given = authorization.substring(BEARER.length()).strip().getBytes(StandardCharsets.UTF_8);
        byte[] key = String.valueOf(settings.apiKey()).getBytes(StandardCharsets.UTF_8);
        return MessageDigest.isEqual(given, key);
    }
}
