package routes.event;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.stereotype.Component;

/** Writes events: the plain envelope as the value, and the attributes of a CloudEvent as additional headers. */
@Component
public class EventWriter {

    /** The source of the events, within which their ids are unique (CloudEvents, section 3.1.1, source). */
    private static final String SOURCE = "/domain-events";

    private final EventReader reader;

    /** A writer whose output this reader accepts. */
    public EventWriter(EventReader reader) {
        this.reader = reader;
    }

    /**
     * Writes an event as UTF-8 JSON. It is checked by the same rules as on reading.
     *
     * @throws InvalidEventException when this service would not accept the event
     */
    public byte[] write(DomainEvent event) throws InvalidEventException {
        reader.check(event);
        try {
            return EventJson.mapper()
                    .writeValueAsBytes(event.tracedBy(null)); // the trace goes into a header of the record
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("An event could not be written as JSON", e);
        }
    }

    /** The headers: they tell an event's type and id without parsing the value, and its trace. */
    public Map<String, String> headers(DomainEvent event) {
        Map<String, String> headers = headers(event.id(), event.type().value(), event.timestamp());
        if (event.traceparent() != null) {
            headers.put(TraceParent.NAME, event.traceparent());
        }
        return headers;
    }

    /** The headers of any event that this service writes. */
    public static Map<String, String> headers(String id, String type, Instant time) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("ce_specversion", "1.0");
        headers.put("ce_id", id);
        headers.put("ce_source", SOURCE);
        headers.put("ce_type", type);
        headers.put("ce_time", time.toString());
        return headers;
    }
}
