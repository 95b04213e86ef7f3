package routes;

import org.apache.camel.builder.RouteBuilder;
import org.springframework.stereotype.Component;
import routes.deadletter.DeadLetters;

/** {@code dead-letter}: what a group cannot take in is kept for it, byte for byte, in {@code <topic>.<group>.dlq}. */
@Component
class DeadLetter extends RouteBuilder {

    private final DeadLetters deadLetters;

    DeadLetter(DeadLetters deadLetters) {
        this.deadLetters = deadLetters;
    }

    // spotless:off
    @Override
    public void configure() {
        from("direct:dead-letter")
            .routeId("dead-letter")
            .errorHandler(noErrorHandler())                 // if it cannot be kept, the batch is not committed either
            .description("Keeps the records of a batch that cannot be taken in, with the reason")
            .bean(deadLetters, "keep");                     // the body is left as it is
    }
    // spotless:on
}
