package routes.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.UUID;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import routes.delivery.Delivery;
import routes.delivery.DeliveryStatus;
import routes.delivery.Outcome;
import routes.event.Events;

class EventStepsTest {

    @Test
    void whateverTheStepsFailOfAnAttemptIsUsedUpForTheyMayHaveReachedTheWorld() throws Exception {
        try (DefaultCamelContext camel = new DefaultCamelContext()) {
            camel.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("direct:some-workers").process(exchange -> {
                        throw new IllegalStateException(new SQLException("permission denied", "42501"));
                    });
                }
            });
            camel.start();
            EventSteps steps = new EventSteps(camel.createProducerTemplate());
            Delivery delivery = new Delivery(
                    UUID.randomUUID(),
                    "some-workers",
                    "",
                    Events.signedUp("a@demo.example"),
                    1,
                    1,
                    1,
                    false,
                    false,
                    null);

            Outcome outcome = steps.process(delivery);

            assertThat(outcome.status()).isEqualTo(DeliveryStatus.DUE);
            assertThat(outcome.tried()).isTrue();
            assertThat(outcome.retryAfter()).isNull();
        }
    }
}
