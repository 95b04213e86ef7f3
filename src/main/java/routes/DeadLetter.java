package routes;

import org.apache.camel.builder.RouteBuilder;
import org.springframework.stereotype.Component;
import routes.kafka.DeadLetters;

/** {@code dead-letter}: what is no event is kept for its group, byte for byte, in {@code <topic>.<group>.dlq}. */
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
            .errorHandler(noErrorHandler())                 // not kept: then the batch is not committed either
            .description("Keeps a record that is no event, with what is wrong with it")
            .bean(deadLetters, "send");
    }
    // spotless:on
}
