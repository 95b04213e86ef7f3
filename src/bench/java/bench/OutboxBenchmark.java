package bench;

import com.sun.management.OperatingSystemMXBean;
import io.micrometer.core.instrument.MeterRegistry;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;
import routes.OnPlatform;
import routes.event.DomainEvent;
import routes.event.EventData.ReferralCreated;
import routes.event.EventPublisher;
import routes.event.EventWriter;
import routes.event.Events;

/**
 * Rows a second from {@code event_outbox} to the topic, beside the same events published by {@link EventPublisher} in arrays of as many,
 * from one thread; in turns. Then what a look at the empty table costs.
 *
 * <p>System properties: {@code bench.records}, {@code bench.rounds}, {@code bench.looks}.
 */
@OnPlatform
@TestPropertySource(
        properties = {
            "domain-events.topic=bench-outbox",
            "camel.main.auto-startup-exclude-pattern=kafka:*,seda:*,scheduler:*"
        })
class OutboxBenchmark {

    private static final int RECORDS = Integer.getInteger("bench.records", 100_000);
    private static final int ROUNDS = Integer.getInteger("bench.rounds", 5);
    private static final int LOOKS = Integer.getInteger("bench.looks", 5_000);
    private static final int ARRAY = 1000;
    private static final int CAMPAIGNS = 100;

    @Autowired
    private CamelContext camel;

    @Autowired
    private ProducerTemplate template;

    @Autowired
    private EventPublisher publisher;

    @Autowired
    private EventWriter writer;

    @Autowired
    private MeterRegistry metrics;

    @Autowired
    private JdbcClient jdbc;

    @Test
    void rowsASecond() throws Exception {
        List<DomainEvent> events = events();
        List<Double> relayed = new ArrayList<>();
        List<Double> published = new ArrayList<>();
        List<Double> percent = new ArrayList<>();
        List<Double> work = new ArrayList<>();
        List<Double> publishersWork = new ArrayList<>();
        for (int round = 0; round <= ROUNDS; round++) { // the first is to compile the code, and does not count
            double start = processorMicros();
            double direct = publish(events);
            double between = processorMicros();
            fill(events);
            double filled = processorMicros();
            double own = relay();
            double end = processorMicros();
            if (round > 0) {
                published.add(direct);
                relayed.add(own);
                percent.add(100 * own / direct);
                publishersWork.add((between - start) / RECORDS);
                work.add((end - filled) / RECORDS);
            }
        }
        Results results = new Results("outbox", 0).with("records", RECORDS).with("batch", ARRAY);
        results.row()
                .with("a second", Spread.of(relayed))
                .with("EventPublisher", Spread.of(published))
                .with("percent", Spread.of(percent))
                .with("processor, microseconds a row", Spread.of(work).median())
                .with("EventPublisher, microseconds", Spread.of(publishersWork).median());
        results.write();
    }

    @Test
    void aLookAtTheEmptyTable() throws Exception {
        look();
        double start = processorMicros();
        long began = System.nanoTime();
        look();
        double micros = (System.nanoTime() - began) / 1e3 / LOOKS;
        Results results = new Results("outbox-empty", 0).with("looks", LOOKS);
        results.row()
                .with("microseconds a look", micros)
                .with("processor, microseconds", (processorMicros() - start) / LOOKS);
        results.write();
    }

    private void look() {
        for (int i = 0; i < LOOKS; i++) {
            template.sendBody("direct:relay-outbox", "");
        }
    }

    private double publish(List<DomainEvent> events) throws Exception {
        long start = System.nanoTime();
        for (int i = 0; i < RECORDS / ARRAY; i++) {
            publisher.publish(events);
        }
        return RECORDS / ((System.nanoTime() - start) / 1e9);
    }

    /** The same events, as often. */
    private void fill(List<DomainEvent> events) throws Exception {
        List<String> json = new ArrayList<>();
        for (DomainEvent event : events) {
            json.add(new String(writer.write(event), StandardCharsets.UTF_8));
        }
        jdbc.sql("""
                        INSERT INTO event_routes.event_outbox (event)
                        SELECT event
                        FROM generate_series(1, :times), jsonb_array_elements(CAST(:events AS jsonb)) AS event
                        """)
                .param("times", RECORDS / ARRAY)
                .param("events", json.stream().collect(Collectors.joining(",", "[", "]")))
                .update();
    }

    /** From the first batch that is done to the last: the route waits for a second before it looks for the first time. */
    private double relay() throws Exception {
        double before = count();
        camel.getRouteController().startRoute("outbox");
        while (count() == before) {
            TimeUnit.MILLISECONDS.sleep(1);
        }
        double first = count() - before;
        long began = System.nanoTime();
        while (count() - before < RECORDS) {
            TimeUnit.MILLISECONDS.sleep(1);
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        camel.getRouteController().stopRoute("outbox");
        return (RECORDS - first) / seconds;
    }

    private double count() {
        return metrics.get("domain.events.outbox.published").counter().count();
    }

    private static List<DomainEvent> events() {
        List<DomainEvent> events = new ArrayList<>();
        for (int i = 0; i < ARRAY; i++) {
            String campaign = "c0ffee00-0000-4000-8000-%012d".formatted(i % CAMPAIGNS);
            events.add(Events.of(new ReferralCreated(Events.id(), Events.id(), Events.id(), campaign)));
        }
        return events;
    }

    private static double processorMicros() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime() / 1e3;
    }
}
