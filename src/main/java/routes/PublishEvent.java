package routes;

import org.apache.camel.builder.RouteBuilder;
import org.springframework.stereotype.Component;
import routes.kafka.PublishedRecords;

/** {@code publish-event}: the only way for events to reach the topic. */
@Component
class PublishEvent extends RouteBuilder {

    private final PublishedRecords records;

    PublishEvent(PublishedRecords records) {
        this.records = records;
    }

    // spotless:off
    @Override
    public void configure() {
        from("direct:publish-event")
            .routeId("publish-event")
            .errorHandler(noErrorHandler())                 // the caller gets the failure, and reports it
            .description("Validates events, and writes them to the topic with the campaign as the key")
            .removeHeaders("Camel*")                        // they could change the topic or the record's timestamp
            .bean(records, "write")                         // each event: valid? Then value, key and headers
            .to("kafka:{{domain-events.topic}}")            // returns when all brokers in sync have acknowledged
            .bean(records, "published");                    // topic, partition and offset of each
    }
    // spotless:on
}
