package routes.event;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.stereotype.Component;

/** Writes events: the plain envelope as the value, and the attributes of a CloudEvent as headers beside it. */
@Component
public class EventWriter {

    /** Who says so: the context of the event ids (CloudEvents, section 3.1.1, source). */
    private static final String SOURCE = "/domain-events";

    private final EventReader reader;

    /** Writes what this reader would read. */
    public EventWriter(EventReader reader) {
        this.reader = reader;
    }

    /**
     * Writes an event as UTF-8 JSON. What is written was held against the same rules by which it will be read.
     *
     * @throws InvalidEventException when this service would not accept the event itself
     */
    public byte[] write(DomainEvent event) throws InvalidEventException {
        try {
            byte[] value =
                    EventJson.mapper().writeValueAsBytes(event.tracedBy(null)); // the trace is a header of the record
            reader.read(value, EventHeaders.NONE);
            return value;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("An event could not be written as JSON", e);
        }
    }

    /** The headers with which a reader knows an event's type and id without a look at the value, and the trace that it belongs to. */
    public Map<String, String> headers(DomainEvent event) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("ce_specversion", "1.0");
        headers.put("ce_id", event.id());
        headers.put("ce_source", SOURCE);
        headers.put("ce_type", event.type().value());
        headers.put("ce_time", event.timestamp().toString());
        if (event.traceparent() != null) {
            headers.put(TraceParent.NAME, event.traceparent());
        }
        return headers;
    }
}
