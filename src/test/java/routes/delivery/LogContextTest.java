package routes.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.AsyncProcessorSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;
import routes.event.DomainEvent;
import routes.event.Events;

class LogContextTest {

    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

    private final DomainEvent event = traced(Events.signedUp(Events.email()));
    private final Delivery delivery =
            Delivery.waiting(UUID.randomUUID(), "email-workers", "", event, 0, 1, false, null);
    private final ExecutorService elsewhere = Executors.newSingleThreadExecutor();

    private volatile @Nullable Map<String, String> seen;

    private static DomainEvent traced(DomainEvent event) {
        return new DomainEvent(
                event.id(), event.accountId(), event.data(), event.timestamp(), "00-" + TRACE + "-00f067aa0ba902b7-01");
    }

    @AfterEach
    void end() {
        elsewhere.shutdownNow();
    }

    @Test
    void aDeliveryIsNamedUntilItIsDone() throws Exception {
        run(exchange -> LogContext.delivery(delivery, exchange), false);

        assertThat(seen)
                .isEqualTo(Map.of(
                        "group",
                        "email-workers",
                        "event_id",
                        event.id(),
                        "event_type",
                        "user.signed_up",
                        "campaign",
                        event.campaignId(),
                        "delivery",
                        delivery.id().toString(),
                        "trace_id",
                        TRACE));
        assertThat(MDC.getCopyOfContextMap()).isNullOrEmpty();
    }

    @Test
    void itIsNamedOnTheThreadOnWhichItGoesOnAndNoLongerThanItTakes() throws Exception {
        run(exchange -> LogContext.delivery(delivery, exchange), true);

        assertThat(seen).containsEntry("event_id", event.id());
        assertThat(MDC.getCopyOfContextMap()).isNullOrEmpty();
        Map<String, String> left = elsewhere
                .submit(() -> MDC.getCopyOfContextMap() == null ? Map.<String, String>of() : MDC.getCopyOfContextMap())
                .get(60, TimeUnit.SECONDS);
        assertThat(left).isEmpty();
    }

    @Test
    void itIsNamedNoLongerAfterItHasFailed() throws Exception {
        run(
                exchange -> {
                    LogContext.delivery(delivery, exchange);
                    exchange.setException(new IllegalStateException("on purpose"));
                },
                false);

        assertThat(MDC.getCopyOfContextMap()).isNullOrEmpty();
    }

    @Test
    void aBatchSaysItsGroupAndOneOfItsCampaignsAtATime() throws Exception {
        run(
                exchange -> {
                    LogContext.group("position-workers", exchange);
                    LogContext.campaign("c-1", exchange);
                },
                false);

        assertThat(seen).isEqualTo(Map.of("group", "position-workers", "campaign", "c-1"));
        assertThat(MDC.getCopyOfContextMap()).isNullOrEmpty();
    }

    /** Like a webhook: the exchange continues on another thread when a stage completes. */
    private void run(Processor step, boolean onAnotherThread) throws Exception {
        try (DefaultCamelContext camel = new DefaultCamelContext()) {
            camel.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("direct:start")
                            .errorHandler(noErrorHandler())
                            .process(new AsyncProcessorSupport() {
                                @Override
                                public boolean process(Exchange exchange, AsyncCallback callback) {
                                    if (!onAnotherThread) {
                                        callback.done(true);
                                        return true;
                                    }
                                    elsewhere.execute(() -> callback.done(false));
                                    return false;
                                }
                            })
                            .process(step)
                            .process(exchange -> seen = MDC.getCopyOfContextMap());
                }
            });
            camel.start();
            var template = camel.createProducerTemplate();
            template.send("direct:start", exchange -> {});
            // The answer may arrive before the other thread has finished the exchange.
            elsewhere.submit(() -> {}).get(60, TimeUnit.SECONDS);
        }
    }
}
