package routes;

import org.apache.camel.builder.RouteBuilder;
import org.springframework.stereotype.Component;
import routes.delivery.DeliveryRecorder;
import routes.kafka.BatchReader;
import routes.kafka.Offsets;
import routes.worker.HandOver;

/**
 * {@code take-in}: how a group takes in a batch whose effects may take long. The work is recorded before the offsets are
 * committed and done afterwards: a crash loses nothing, and a slow effect does not delay polling.
 */
@Component
class TakeIn extends RouteBuilder {

    private final BatchReader records;
    private final DeliveryRecorder recorder;
    private final Offsets offsets;
    private final HandOver handOver;

    TakeIn(BatchReader records, DeliveryRecorder recorder, Offsets offsets, HandOver handOver) {
        this.records = records;
        this.recorder = recorder;
        this.offsets = offsets;
        this.handOver = handOver;
    }

    // spotless:off
    @Override
    public void configure() {
        from("direct:take-in")
            .routeId("take-in")
            .routeConfigurationId("consumer-group")
            .description("Reads a batch, records what is to be done, commits, hands over")
            .bean(records, "read")                           // events, and records that are not events
            .bean(recorder, "record(${fromRouteId}, ${body.events}, ${body})")
            .to("direct:dead-letter")                       // what is not an event, and what the ledger refuses
            .doTry()
                .bean(offsets, "commit")
            .doFinally()                                    // what is recorded stays: read again, it would be a duplicate
                .bean(handOver, "offer")
            .end();
    }
    // spotless:on
}
