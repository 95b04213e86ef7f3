package routes.deadletter;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import routes.event.EventHeaders;

/**
 * A dead letter. In a list it has no key, value and headers, which may be large.
 *
 * @param keptAt when it was kept, by the clock of the instance that kept it
 * @param origin where the record came from
 * @param reason what is wrong with it
 * @param size of the value, in bytes
 * @param headers in the record's order, including repeated names
 */
@SuppressWarnings("ArrayRecordComponent") // arrays: letters are never compared
public record DeadLetterRecord(
        DeadLetterId id,
        Instant keptAt,
        Origin origin,
        @Nullable String reason,
        int size,
        byte @Nullable [] key,
        byte @Nullable [] value,
        List<LetterHeader> headers) {

    /** Where a record came from; null if the letter does not say. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Origin(
            @Nullable String topic,
            @Nullable Integer partition,
            @Nullable Long offset,
            @Nullable Instant timestamp) {}

    /** A header of a record. */
    public record LetterHeader(String name, byte @Nullable [] value) {}

    /** When the record was written; if the letter does not say, when it was kept. */
    public Instant writtenAt() {
        return origin.timestamp() == null ? keptAt : origin.timestamp();
    }

    /** The headers, for reading the event. */
    public EventHeaders eventHeaders() {
        return name -> {
            String last = null;
            for (LetterHeader header : headers) {
                if (header.name().equals(name)) {
                    last = header.value() == null ? null : new String(header.value(), StandardCharsets.UTF_8);
                }
            }
            return last;
        };
    }
}
