package routes.event;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The trace to which an event belongs, as {@code traceparent} carries it from the publisher to the effect
 * (<a href="https://www.w3.org/TR/trace-context/#traceparent-header">W3C Trace Context, section 3.2</a>; CloudEvents, distributed
 * tracing extension). It is only carried; spans are left to an agent (docs/adr/0026).
 */
public final class TraceParent {

    /** The header of a request and of a record, and the attribute of an event as JSON. */
    public static final String NAME = "traceparent";

    /** Version 00. Ids of all zeros are invalid. */
    private static final Pattern VALID = Pattern.compile("00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

    private static final int TRACE_ID = 3;
    private static final int TRACE_ID_END = 35;

    private TraceParent() {}

    /** The value, or null if it is not valid: an event must not fail for its trace (section 3.2.2.6). */
    static @Nullable String valid(@Nullable String value) {
        return value != null && VALID.matcher(value).matches() ? value : null;
    }

    /** The trace's id, as in log lines: 32 hexadecimal digits. */
    public static String traceId(String valid) {
        return valid.substring(TRACE_ID, TRACE_ID_END);
    }
}
