package bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.Application;
import routes.dev.Platform;
import routes.event.DomainEvent;
import routes.event.EventData.UserSignedUp;
import routes.event.EventJson;
import routes.event.Events;

/**
 * Mails a second from Kafka to a sink, without and with {@code deliveries.outcome-events}, in turns: the service is started anew in this
 * JVM for each. Where outcomes are told, also how long after the last mail the last of them is in its topic.
 *
 * <p>System properties: {@code bench.mails} (a round), {@code bench.rounds}, {@code bench.delays} (what the sink takes, in ms).
 */
class OutcomeEventsBenchmark {

    private static final int MAILS = Integer.getInteger("bench.mails", 8_000);
    private static final int ROUNDS = Integer.getInteger("bench.rounds", 5);

    private static final int[] DELAYS = Stream.of(
                    System.getProperty("bench.delays", "0,20").split(","))
            .mapToInt(Integer::parseInt)
            .toArray();

    private final SmtpSink sink = new SmtpSink();
    private final List<Double> behind = new ArrayList<>();

    /** What was measured of a round: mails a second, and processor time a mail, of this process, its broker and its database. */
    private record Round(double rate, double micros) {}

    @Test
    void mailsASecondWithAndWithout() throws Exception {
        Results results = new Results("outcome-events", 0).with("mails", MAILS);
        try (Platform platform = Platform.startForTests()) {
            for (int delay : DELAYS) {
                sink.acceptAfter(Duration.ofMillis(delay));
                compare(platform, results.row().with("sink, ms", delay));
            }
        }
        sink.close();
        results.write();
    }

    private void compare(Platform platform, Results.Row row) throws Exception {
        List<Round> without = new ArrayList<>();
        List<Round> with = new ArrayList<>();
        List<Double> ratios = new ArrayList<>();
        for (int round = 0; round <= ROUNDS; round++) {
            boolean onFirst = round % 2 == 0; // neither has always the fuller ledger
            Round first = measure(platform, onFirst);
            Round second = measure(platform, !onFirst);
            if (round == 0) { // to compile the code
                behind.clear();
                continue;
            }
            with.add(onFirst ? first : second);
            without.add(onFirst ? second : first);
            ratios.add(with.get(round - 1).rate() / without.get(round - 1).rate());
        }
        row.with("without", Spread.of(without.stream().map(Round::rate).toList()))
                .with("with", Spread.of(with.stream().map(Round::rate).toList()))
                .with("of without", Spread.of(ratios))
                .with(
                        "processor, microseconds a mail",
                        Spread.of(without.stream().map(Round::micros).toList()))
                .with(
                        "with, microseconds",
                        Spread.of(with.stream().map(Round::micros).toList()))
                .with("the last is told after, s", Spread.of(behind));
    }

    private Round measure(Platform platform, boolean told) throws Exception {
        JdbcClient jdbc = JdbcClient.create(platform.database().dataSource());
        double micros;
        try (ConfigurableApplicationContext service = start(platform, told)) {
            sink.clear();
            double before = Processors.micros(jdbc);
            publish(platform);
            await().atMost(Duration.ofMinutes(3))
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> sink.accepted().size() >= MAILS);
            long last = System.nanoTime();
            await().atMost(Duration.ofMinutes(1))
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> jdbc.sql("SELECT NOT EXISTS (SELECT FROM event_routes.outcome_event)")
                            .query(Boolean.class)
                            .single());
            if (told) {
                behind.add((System.nanoTime() - last) / 1e9);
            }
            micros = (Processors.micros(jdbc) - before) / MAILS;
        }
        long[] times = sink.accepted().values().stream()
                .mapToLong(Long::longValue)
                .sorted()
                .skip(MAILS / 4) // until then much of the time goes into compiling
                .toArray();
        return new Round((times.length - 1) / ((times[times.length - 1] - times[0]) / 1e9), micros);
    }

    private static void publish(Platform platform) {
        Map<String, Object> brokers =
                Map.of("bootstrap.servers", platform.kafka().brokers(), "linger.ms", 5);
        try (var producer = new KafkaProducer<>(brokers, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int i = 0; i < MAILS; i++) {
                String campaign = Events.id();
                DomainEvent event = Events.of(new UserSignedUp(Events.id(), campaign, Events.email()));
                byte[] json = EventJson.mapper().valueToTree(event).toString().getBytes(UTF_8);
                var unused = producer.send(new ProducerRecord<>("domain-events", campaign.getBytes(UTF_8), json));
            }
        }
    }

    private ConfigurableApplicationContext start(Platform platform, boolean told) {
        Map<String, Object> variables = new HashMap<>(platform.settings());
        variables.put("SMTP_PORT", String.valueOf(sink.port()));
        variables.put("SERVER_PORT", "0");
        variables.put("MANAGEMENT_PORT", "0");
        variables.put("OUTCOME_EVENTS", String.valueOf(told));
        variables.put("LOGGING_LEVEL_ROUTES_DELIVERY", "warn"); // a line a mail is nobody's measure
        StandardEnvironment environment = new StandardEnvironment();
        String name = StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;
        environment.getPropertySources().replace(name, new SystemEnvironmentPropertySource(name, variables));
        SpringApplication application = new SpringApplication(Application.class);
        application.setEnvironment(environment);
        application.setRegisterShutdownHook(false);
        return application.run();
    }
}
