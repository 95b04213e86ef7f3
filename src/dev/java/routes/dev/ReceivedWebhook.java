package routes.dev;

import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * A request as the receiver of webhooks recorded it.
 *
 * @param id its name in the record
 * @param received when its body had arrived
 * @param path of its address, such as {@code /webhooks/rewards}
 * @param headers by name, in any case; several values of one name are joined by commas
 * @param body as text in UTF-8
 * @param status what was answered
 */
public record ReceivedWebhook(
        String id, Instant received, String path, Map<String, String> headers, String body, int status) {

    /** Copies the headers into a map that ignores the case of names, as HTTP does. */
    public ReceivedWebhook {
        Map<String, String> byName = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        byName.putAll(headers);
        headers = Collections.unmodifiableMap(byName);
    }
}
