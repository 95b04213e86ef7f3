package routes.explain;

import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.stereotype.Component;

/** {@code events}: explains what happened to an event in each group. */
@Component
@Endpoint(id = "events")
class EventsEndpoint {

    private final Explanations explanations;

    EventsEndpoint(Explanations explanations) {
        this.explanations = explanations;
    }

    /** Explains an event. */
    @ReadOperation
    Explained show(@Selector String id) {
        return explanations.explain(id);
    }
}
