package routes.kafka;

import java.util.Locale;
import org.apache.camel.Exchange;
import org.apache.camel.spi.HeaderFilterStrategy;
import org.jspecify.annotations.Nullable;
import routes.event.TraceParent;

/**
 * Decides which headers pass between records and Camel's messages. A record's headers are untrusted input, and a message's
 * headers control Camel's components ({@code CamelHttpUri}, {@code CamelSqlQuery}, ...): none comes in. Only a CloudEvent's
 * attributes and the trace go out, whatever else an exchange has.
 */
class EventHeaderFilter implements HeaderFilterStrategy {

    /** True drops a header: all but the attributes of a CloudEvent and the trace. */
    @Override
    public boolean applyFilterToCamelHeaders(String name, @Nullable Object value, Exchange exchange) {
        // Not content-type: Camel spells known names its own way, and a record's Content-Type is not CloudEvents'
        // content-type.
        return !name.equals(TraceParent.NAME) && !name.toLowerCase(Locale.ROOT).startsWith("ce_");
    }

    /** True drops a header: all of them. {@link BatchReader} reads what it needs from the record itself. */
    @Override
    public boolean applyFilterToExternalHeaders(String name, @Nullable Object value, Exchange exchange) {
        return true;
    }
}
