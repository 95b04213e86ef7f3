package routes.yaml;

import com.fasterxml.jackson.core.type.TypeReference;
import java.util.Map;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import routes.delivery.Delivery;
import routes.delivery.DeliveryLedger;
import routes.delivery.Outcome;
import routes.event.DomainEvent;
import routes.event.EventJson;

/** Runs the steps of a YAML file for one event. */
@Component
public class EventSteps {

    private static final Logger LOG = LoggerFactory.getLogger(EventSteps.class);

    private static final TypeReference<Map<String, Object>> MAP = new TypeReference<>() {};

    private final ProducerTemplate template;

    EventSteps(ProducerTemplate template) {
        this.template = template;
    }

    /**
     * Sends the event to {@code direct:<group>} on a new exchange: the message has no headers at first, and nothing that the
     * steps do to it reaches the ledger but their outcome. The body is the event as a map, with its JSON names; the exchange
     * property {@code delivery} is the {@link Delivery}, whose id is the same for all attempts.
     *
     * @return the body that the steps left, if it is an outcome; otherwise the meaning of their failure, if the file did not
     *     handle it; otherwise delivered
     */
    public Outcome process(@Body Delivery delivery) {
        Exchange done = template.send("direct:" + delivery.group(), exchange -> {
            exchange.setProperty(DeliveryLedger.DELIVERY, delivery);
            exchange.getMessage().setBody(map(delivery.event()));
        });
        if (done.getException() != null) {
            LOG.debug("The steps of {} failed", delivery.group(), done.getException());
            return Outcome.ofAttempt(done.getException());
        }
        return Outcome.orDelivered(done.getMessage().getBody());
    }

    private static Map<String, Object> map(DomainEvent event) {
        return EventJson.mapper().convertValue(event, MAP);
    }
}
