package routes.delivery;

import org.apache.camel.Exchange;
import org.apache.camel.support.SynchronizationAdapter;
import org.slf4j.MDC;
import routes.event.DomainEvent;
import routes.event.TraceParent;

/**
 * The context of log lines (SLF4J's MDC): {@code group}, {@code event_id}, {@code event_type}, {@code campaign},
 * {@code delivery} and {@code trace_id}. It belongs to the thread on which the exchange continues, until the exchange is done.
 * Set it after an asynchronous handover, not before.
 */
public final class LogContext {

    private static final String GROUP = "group";
    private static final String EVENT_ID = "event_id";
    private static final String EVENT_TYPE = "event_type";
    private static final String CAMPAIGN = "campaign";
    private static final String DELIVERY = "delivery";
    private static final String TRACE_ID = "trace_id";

    private LogContext() {}

    /** A group reads a batch. */
    public static void group(String group, Exchange exchange) {
        MDC.put(GROUP, group);
        untilDone(exchange, GROUP);
    }

    /** A campaign of a batch is processed. */
    public static void campaign(String campaign, Exchange exchange) {
        MDC.put(CAMPAIGN, campaign);
        untilDone(exchange, CAMPAIGN);
    }

    /** A delivery is processed. */
    static void delivery(Delivery delivery, Exchange exchange) {
        DomainEvent event = delivery.event();
        MDC.put(GROUP, delivery.group());
        MDC.put(EVENT_ID, event.id());
        MDC.put(EVENT_TYPE, delivery.type());
        MDC.put(CAMPAIGN, event.campaignId());
        MDC.put(DELIVERY, delivery.id().toString());
        if (event.traceparent() != null) {
            MDC.put(TRACE_ID, TraceParent.traceId(event.traceparent()));
        }
        untilDone(exchange, GROUP, EVENT_ID, EVENT_TYPE, CAMPAIGN, DELIVERY, TRACE_ID);
    }

    private static void untilDone(Exchange exchange, String... keys) {
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                for (String key : keys) {
                    MDC.remove(key);
                }
            }
        });
    }
}
