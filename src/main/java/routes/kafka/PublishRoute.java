package routes.kafka;

import java.util.List;
import java.util.Objects;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.RuntimeCamelException;
import org.springframework.stereotype.Component;
import routes.event.DomainEvent;
import routes.event.EventChannel;
import routes.event.InvalidEventException;
import routes.event.Published;
import routes.event.PublishingException;

/** The route {@code publish-event}, as a channel. */
@Component
class PublishRoute implements EventChannel {

    private static final String ROUTE = "direct:publish-event";

    private final ProducerTemplate template;

    PublishRoute(ProducerTemplate template) {
        this.template = template;
    }

    @Override
    @SuppressWarnings("unchecked")
    public List<Published> write(List<DomainEvent> events) throws InvalidEventException {
        try {
            return (List<Published>) Objects.requireNonNull(template.requestBody(ROUTE, events));
        } catch (RuntimeCamelException | IllegalStateException e) { // the latter once the service stops
            if (e.getCause() instanceof InvalidEventException invalid) {
                throw invalid;
            }
            throw PublishingException.because(e);
        }
    }
}
