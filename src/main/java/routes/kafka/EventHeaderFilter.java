package routes.kafka;

import java.util.Locale;
import org.apache.camel.Exchange;
import org.apache.camel.spi.HeaderFilterStrategy;
import org.jspecify.annotations.Nullable;
import routes.event.TraceParent;

/**
 * What may pass between records and Camel's messages. Headers of a record are input from outside, and headers of a message
 * steer Camel's components ({@code CamelHttpUri}, {@code CamelSqlQuery}, ...): none comes in. Out go a CloudEvent's
 * attributes and the trace alone, whatever else an exchange carries.
 */
class EventHeaderFilter implements HeaderFilterStrategy {

    /** True keeps a header back: all but the attributes of a CloudEvent and the trace. */
    @Override
    public boolean applyFilterToCamelHeaders(String name, @Nullable Object value, Exchange exchange) {
        // No content-type: Camel writes known names its own way, and a record's Content-Type is not CloudEvents'
        // content-type.
        return !name.equals(TraceParent.NAME) && !name.toLowerCase(Locale.ROOT).startsWith("ce_");
    }

    /** True keeps a header back: every one. {@link BatchReader} reads what it needs from the record itself. */
    @Override
    public boolean applyFilterToExternalHeaders(String name, @Nullable Object value, Exchange exchange) {
        return true;
    }
}
