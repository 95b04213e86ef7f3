package routes;

import org.apache.camel.LoggingLevel;
import org.apache.camel.builder.RouteConfigurationBuilder;
import org.apache.kafka.common.KafkaException;
import org.springframework.stereotype.Component;
import routes.delivery.DeliveryLedger;
import routes.delivery.LeaseLostException;
import routes.delivery.NoRoomException;
import routes.delivery.Outcome;
import routes.kafka.BatchTime;

/** What happens when a step fails: once for all routes, which name the configuration that is theirs. */
@Component
class SharedPolicy extends RouteConfigurationBuilder {

    private final BatchTime time;
    private final DeliveryLedger ledger;

    SharedPolicy(BatchTime time, DeliveryLedger ledger) {
        this.time = time;
        this.ledger = ledger;
    }

    // spotless:off
    @Override
    public void configuration() {
        // Taking in. A step that fails is tried again where it stands, as long as the group waits for this instance: while the
        // database is away nothing is polled, and the backlog stays in Kafka. At last the batch, uncommitted, is read again.
        routeConfiguration("consumer-group")
            .errorHandler(defaultErrorHandler()
                .redeliveryDelay(500).useExponentialBackOff().backOffMultiplier(2).maximumRedeliveryDelay(10_000)
                .retryAttemptedLogLevel(LoggingLevel.WARN)
                .allowRedeliveryWhileStopping(false))
            .onException(Exception.class)
                .retryWhile(method(time, "isLeft"))
            .end()
            .onException(KafkaException.class)              // the group has moved on without us: read again at once
                .maximumRedeliveries(0)
                .logExhausted(false);                       // the consumer has told of it

        // Carrying out. A failure is an outcome like any other: it decides whether and when the delivery is tried again.
        routeConfiguration("worker")
            .onException(NoRoomException.class)             // its receiver is busy or in trouble: no attempt was made
                .handled(true)
                .bean(ledger, "postpone")
            .end()
            .onException(LeaseLostException.class)
                .handled(true)
                .log(LoggingLevel.INFO, "${exception.message}")
            .end()
            .onException(Exception.class)
                .handled(true)
                .transform().method(Outcome.class, "of(${exception})")
                .bean(ledger, "finish")
            .end();

        // Polling. The next round tries again.
        routeConfiguration("poll")
            .onException(Exception.class)
                .handled(true)
                .log(LoggingLevel.WARN, "${routeId} did not get through, and is tried again in a moment: ${exception.message}")
            .end();

        // Relaying. What the brokers have not acknowledged stays where it is, and they are left alone for a moment.
        routeConfiguration("relay")
            .onException(Exception.class)
                .handled(true)
                .log(LoggingLevel.WARN, "${routeId} did not get through, and is tried again in a moment: ${exception.message}")
                .delay(1000)
            .end();
    }
    // spotless:on
}
