package routes;

import io.github.bucket4j.Bucket;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Exchange;
import org.apache.camel.LoggingLevel;
import org.apache.camel.builder.RouteConfigurationBuilder;
import org.apache.camel.component.direct.DirectConsumerNotAvailableException;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;
import routes.background.RateLimit;
import routes.background.Trouble;
import routes.delivery.DeliveryLedger;
import routes.delivery.Dependencies;
import routes.delivery.LeaseLostException;
import routes.delivery.NoRoomException;
import routes.delivery.Outcome;
import routes.kafka.BatchTime;

/** What happens when a step fails, defined once for all routes. Each route names its configuration. */
@Component
class SharedPolicy extends RouteConfigurationBuilder {

    private static final Logger LOG = LoggerFactory.getLogger(SharedPolicy.class);

    private final BatchTime time;
    private final DeliveryLedger ledger;
    private final ObjectProvider<Dependencies> dependencies;
    private final Map<String, Bucket> lines = new ConcurrentHashMap<>();

    SharedPolicy(BatchTime time, DeliveryLedger ledger, ObjectProvider<Dependencies> dependencies) {
        this.time = time;
        this.ledger = ledger;
        this.dependencies = dependencies;
    }

    // spotless:off
    @Override
    public void configuration() {
        // Taking in. A step that fails is retried in place for as long as the group waits for this instance: while the
        // database is down nothing is polled, and the backlog stays in Kafka. In the end the uncommitted batch is read again.
        routeConfiguration("consumer-group")
            .errorHandler(defaultErrorHandler()
                .redeliveryDelay(500).useExponentialBackOff().backOffMultiplier(2).maximumRedeliveryDelay(10_000)
                .retryAttemptedLogLevel(LoggingLevel.WARN)
                .retryAttemptedLogInterval(6)               // about once a minute
                .allowRedeliveryWhileStopping(false))
            .onException(Exception.class)
                .retryWhile(method(time, "isLeft"))
            .end()
            .onException(KafkaException.class)              // the group has rebalanced without us: read again at once
                .maximumRedeliveries(0)
                .logExhausted(false)                        // the consumer has logged it
            .end()
            .onException(DirectConsumerNotAvailableException.class).onWhen(SharedPolicy::isStopping)
                .maximumRedeliveries(0)
                .logExhausted(false)
                .log(LoggingLevel.INFO, LOG.getName(), "${fromRouteId}: the service is stopping, so a batch is not taken in; it will be read again");

        // Carrying out. A failure is an outcome like any other: it decides whether and when the delivery is retried.
        routeConfiguration("worker")
            .onException(NoRoomException.class)             // its receiver is busy or in trouble: no attempt was made
                .handled(true)
                .bean(ledger, "postpone")
            .end()
            .onException(DirectConsumerNotAvailableException.class).onWhen(SharedPolicy::isStopping)
                .handled(true)                              // picked up in the last moment: another instance continues
                .transform(constant(Outcome.notTried("the instance was stopping")))
                .bean(ledger, "finish")
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

        // Reading a mailbox. What fails is not marked as read, and read again.
        routeConfiguration("mailbox")
            .onException(Exception.class)
                .logExhausted(false)
                .process(this::tell)
            .end();

        // Polling. The next run tries again.
        routeConfiguration("poll")
            .onException(DirectConsumerNotAvailableException.class).onWhen(SharedPolicy::isStopping)
                .handled(true)
            .end()
            .onException(Exception.class)
                .handled(true)
                .process(this::tell)
            .end();
    }
    // spotless:on

    /** Whether a step finds no route behind it because Camel has stopped that one first, as it stops routes in no particular order. */
    private static boolean isStopping(Exchange exchange) {
        return !exchange.getContext().isRunAllowed();
    }

    /** Logs once a minute for each route, and not at all while the database is down, which is logged elsewhere. */
    private void tell(Exchange exchange) {
        String route = exchange.getFromRouteId();
        Exception failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
        if (failure != null
                && dependencies.stream().noneMatch(all -> all.away().contains("database"))
                && lines.computeIfAbsent(route, any -> RateLimit.onePerMinute()).tryConsume(1)) {
            LOG.warn("{} failed and will be retried shortly: {}", route, Trouble.describe(failure));
        }
    }
}
