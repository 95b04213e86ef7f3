package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.logging.logback.StructuredLogEncoder;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.dev.Platform;
import routes.event.DomainEvent;
import routes.event.EventData.RewardEarned;
import routes.event.EventJson;
import routes.event.EventPublisher;
import routes.event.Events;

/** What lines of the log say, and cannot be made to say. */
@OnPlatform
class LogsIT {

    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String TRACEPARENT = "00-" + TRACE + "-00f067aa0ba902b7-01";
    private static final String FORGED = "2026-01-01T00:00:00.000Z  INFO [main] routes.Forged : all is well";

    @Autowired
    private Pipeline pipeline;

    @Autowired
    private EventPublisher publisher;

    @Autowired
    private JdbcClient jdbc;

    private final LoggerContext logging = (LoggerContext) LoggerFactory.getILoggerFactory();
    private final Logger outcomes = logging.getLogger("routes.delivery.OutcomeReport");
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

    @BeforeEach
    void listen() {
        lines.list = new CopyOnWriteArrayList<>();
        lines.start();
        outcomes.addAppender(lines);
    }

    @AfterEach
    void stopListening() {
        outcomes.detachAppender(lines);
    }

    @Test
    void theLineOfAnEffectBearsItsEventAndTheTraceOfTheRequestThatPublishedIt() throws Exception {
        DomainEvent event = Events.signedUp(Events.email());
        DomainEvent reward = Events.of(new RewardEarned(Events.id(), Events.id(), Events.CAMPAIGN, Events.id()));

        assertThat(pipeline.post(
                                Events.json(event, json -> {}).toString(),
                                "Authorization",
                                "Bearer " + Platform.API_KEY,
                                "traceparent",
                                TRACEPARENT)
                        .statusCode())
                .isEqualTo(202);
        publisher.publish(reward);
        pipeline.awaitDrained();

        assertThat(context(event))
                .containsEntry("group", "email-workers")
                .containsEntry("event_type", "user.signed_up")
                .containsEntry("campaign", Events.CAMPAIGN)
                .containsEntry("trace_id", TRACE)
                .containsKey("delivery");
        await().untilAsserted(() -> assertThat(lines.list.stream()
                        .map(ILoggingEvent::getMDCPropertyMap)
                        .filter(context -> reward.id().equals(context.get("event_id"))))
                .allSatisfy(context -> assertThat(context).doesNotContainKey("trace_id"))
                .extracting(context -> context.get("group"))
                .containsOnly(
                        "email-workers", "reward-workers")); // the notice and the reward, each tried several times
    }

    @Test
    void aTraceThatARecordNamesIsKeptForTheRetriesOfItsDeliveryAndNoneThatIsInvalid() throws Exception {
        DomainEvent traced = Events.signedUp(Events.email());
        DomainEvent invalid = Events.signedUp(Events.email());
        pipeline.write(
                List.of(record(traced, TRACEPARENT), record(invalid, "00-" + "0".repeat(32) + "-00f067aa0ba902b7-01")));
        pipeline.awaitDrained();

        assertThat(context(traced)).containsEntry("trace_id", TRACE);
        assertThat(ledger(traced)).contains(TRACEPARENT);
        assertThat(context(invalid)).doesNotContainKey("trace_id");
        assertThat(ledger(invalid)).doesNotContain("traceparent");
    }

    @Test
    void whatIsQuotedInALineCannotLookLikeAnotherLine() {
        Throwable thrown = new IllegalStateException("no\r\n" + FORGED);
        LoggingEvent event = new LoggingEvent(
                "", outcomes, Level.WARN, "said: {}", thrown, new Object[] {"\n" + FORGED + "\u001b[2J\r" + FORGED});
        event.setMDCPropertyMap(Map.of("event_id", "e-1"));

        String human = new String(console().encode(event), StandardCharsets.UTF_8);

        assertThat(human)
                .contains(" e-1 said:")
                .contains("\n  | " + FORGED + "?[2J\n  | " + FORGED)
                .contains("  | \tat ");
        assertThat(human.lines().skip(1)).allMatch(line -> line.startsWith("  | "));
        assertThat(human).endsWith("\n").doesNotContain("\u001b[2J");
    }

    @Test
    void asJsonALineIsOneLineWithItsContext() throws Exception {
        StructuredLogEncoder json = new StructuredLogEncoder();
        json.setContext(logging);
        json.setFormat("ecs");
        json.start();
        LoggingEvent event =
                new LoggingEvent("", outcomes, Level.WARN, "said: {}", null, new Object[] {"\r\n" + FORGED});
        event.setMDCPropertyMap(Map.of("event_id", "e-1", "group", "email-workers"));

        String line = new String(json.encode(event), StandardCharsets.UTF_8);

        assertThat(line.lines()).hasSize(1);
        JsonNode read = EventJson.mapper().readTree(line);
        assertThat(read.get("message").asText()).isEqualTo("said: \r\n" + FORGED);
        assertThat(read.get("event_id").asText()).isEqualTo("e-1");
        assertThat(read.get("group").asText()).isEqualTo("email-workers");
        assertThat(read.at("/service/name").asText()).isEqualTo("domain-event-routes");
    }

    /** Of the first line, which may come a moment after the outcome is in the ledger. */
    private Map<String, String> context(DomainEvent event) {
        return await().until(
                        () -> lines.list.stream()
                                .map(ILoggingEvent::getMDCPropertyMap)
                                .filter(context -> event.id().equals(context.get("event_id")))
                                .toList(),
                        found -> !found.isEmpty())
                .get(0);
    }

    private String ledger(DomainEvent event) {
        return jdbc.sql("SELECT event::text FROM event_routes.delivery WHERE event_id = ?")
                .param(event.id())
                .query(String.class)
                .single();
    }

    private ProducerRecord<byte[], byte[]> record(DomainEvent event, String traceparent) {
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(
                pipeline.topic(), Events.json(event, json -> {}).toString().getBytes(StandardCharsets.UTF_8));
        record.headers().add("traceparent", traceparent.getBytes(StandardCharsets.UTF_8));
        return record;
    }

    private Encoder<ILoggingEvent> console() {
        return ((ConsoleAppender<ILoggingEvent>) Objects.requireNonNull(
                        logging.getLogger(Logger.ROOT_LOGGER_NAME).getAppender("CONSOLE")))
                .getEncoder();
    }
}
