package bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import jakarta.mail.Message.RecipientType;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import routes.OnPlatform;
import routes.delivery.ConsumerGroup;
import routes.delivery.ConsumerGroups;
import routes.dev.DatabaseServer;
import routes.dev.Platform;
import routes.event.DomainEvent;
import routes.event.EventData.CampaignMilestoneReached;
import routes.event.EventData.UserSignedUp;
import routes.event.EventJson;
import routes.event.EventPublisher;
import routes.event.EventType;
import routes.event.Events;

/**
 * Mails a second from Kafka to a sink, on ten connections, in turns with a bare loop of Kafka's client and Jakarta Mail on ten kept
 * connections, which records nothing; a Camel route with camel-mail's own sender, in the consumer's thread and on ten threads; and, where
 * they are installed, {@linkplain NodePeer what others would use}. Then how long a mail takes while nothing else happens, and while a
 * milestone is announced.
 *
 * <p>System properties: {@code bench.mails} (a round), {@code bench.rounds}, {@code bench.delays} (what the sink takes, in ms), {@code bench.latencies}, {@code bench.people} (of the
 * milestone), {@code bench.workers}.
 */
@OnPlatform
class MailBenchmark {

    private static final String SERVICE = "service";
    private static final int CONNECTIONS = 10;
    private static final int MAILS = Integer.getInteger("bench.mails", 2_000);
    private static final int ROUNDS = Integer.getInteger("bench.rounds", 5);
    private static final int[] DELAYS = Arrays.stream(
                    System.getProperty("bench.delays", "0,20").split(","))
            .mapToInt(Integer::parseInt)
            .toArray();
    private static final int LATENCIES = Integer.getInteger("bench.latencies", 300);
    private static final int PEOPLE = Integer.getInteger("bench.people", 100_000);
    private static final SmtpSink SINK = new SmtpSink();

    /** As long as a welcome mail of the service, a part each. */
    private static final String TEXT = "Thank you for joining. ".repeat(30);

    private static final String HTML = "<p>Thank you for joining.</p>\n".repeat(200);

    @Autowired
    private Platform platform;

    @Autowired
    private EventPublisher publisher;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private CamelContext camel;

    @Autowired
    private ConsumerGroups groups;

    @DynamicPropertySource
    static void settings(DynamicPropertyRegistry registry) {
        registry.add("mail.port", SINK::port);
        registry.add("mail.connections", () -> CONNECTIONS);
        registry.add("deliveries.worker-pool-size", () -> Integer.getInteger("bench.workers", 10));
        registry.add("deliveries.due-interval", () -> "500ms"); // as it is by default
    }

    /** A line a mail is nobody's measure: here it would go through Maven. A setting of a test comes too late for the log. */
    @BeforeEach
    void quiet() {
        LoggingSystem.get(MailBenchmark.class.getClassLoader()).setLogLevel("routes.delivery", LogLevel.WARN);
    }

    @AfterAll
    static void end() throws Exception {
        SINK.close();
    }

    @Test
    void mailsASecond() throws Exception {
        Results results = new Results("mail", 0);
        try (Admin admin = Admin.create(Map.<String, Object>of(
                CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, platform.kafka().brokers()))) {
            admin.createTopics(List.of(
                            new NewTopic("bench-bare", 10, (short) 1),
                            new NewTopic("bench-camel", 10, (short) 1),
                            new NewTopic("bench-camel-seda", 10, (short) 1),
                            new NewTopic("bench-kafkajs", 10, (short) 1)))
                    .all()
                    .get();
        }
        for (String group : List.of("bench-camel", "bench-camel-seda")) { // or the intake knows of no such groups
            groups.add(ConsumerGroup.of(group, 1, EventType.USER_SIGNED_UP));
        }
        camel.addRoutes(camelsOwnSender());
        List<NodePeer> peers = NodePeer.startAll(Map.of(
                "DATABASE_URL",
                platform.database()
                        .url()
                        .replace("jdbc:postgresql://", "postgresql://%1$s:%1$s@".formatted(DatabaseServer.NAME)),
                "BROKERS",
                platform.kafka().brokers(),
                "SMTP_PORT",
                String.valueOf(SINK.port())));
        try {
            Map<String, Callable<Double>> all = contenders(peers);
            for (int pause : DELAYS) {
                SINK.acceptAfter(Duration.ofMillis(pause));
                Map<String, List<Double>> rates = new LinkedHashMap<>();
                for (int round = 0; round <= ROUNDS; round++) {
                    for (var each : all.entrySet()) {
                        double rate = each.getValue().call();
                        if (round > 0) { // the first one warms up
                            rates.computeIfAbsent(each.getKey(), name -> new ArrayList<>())
                                    .add(rate);
                        }
                    }
                }
                Results.Row row = results.row().with("what", "mails a second, sink of %d ms".formatted(pause));
                rates.forEach((name, its) -> row.with(name, Spread.of(its)));
                double own = Spread.of(rates.get(SERVICE)).median();
                rates.forEach((name, its) -> {
                    if (!name.equals(SERVICE)) {
                        row.with("of " + name, own / Spread.of(its).median());
                    }
                });
                results.write(); // what is measured is not lost with the rest
            }
        } finally {
            peers.forEach(NodePeer::close);
            jdbc.sql("DROP SCHEMA IF EXISTS graphile_worker, pgboss CASCADE").update();
        }
    }

    /** How each measures its rate once, by name. */
    private Map<String, Callable<Double>> contenders(List<NodePeer> peers) {
        Map<String, Callable<Double>> all = new LinkedHashMap<>();
        all.put(SERVICE, () -> rate(MAILS, () -> publish("domain-events", MAILS)));
        all.put("bare Jakarta Mail", this::bareJakartaMail);
        all.put("camel-mail's sender", () -> rate(MAILS / 8, () -> publish("bench-camel", MAILS / 8)));
        all.put("camel-mail's sender on ten threads", () -> rate(MAILS, () -> publish("bench-camel-seda", MAILS)));
        for (NodePeer peer : peers) {
            all.put(
                    peer.name(),
                    () -> rate(MAILS, () -> {
                        if (peer.name().equals(NodePeer.KAFKAJS)) {
                            publish("bench-kafkajs", MAILS);
                        } else {
                            peer.enqueue(MAILS);
                        }
                    }));
        }
        return all;
    }

    @Test
    void timeFromPublishingToAcceptance() throws Exception {
        SINK.acceptAfter(Duration.ZERO);
        Results results = new Results("mail-latency", 0);
        latencies(50, Duration.ofMillis(20));
        List<Double> idle = latencies(LATENCIES, Duration.ofMillis(50));
        results.row()
                .with("what", "idle, sink of 0 ms")
                .with("p50 ms", Spread.percentile(idle, 50))
                .with("p99 ms", Spread.percentile(idle, 99));

        SINK.acceptAfter(Duration.ofMillis(20));
        UUID campaign = campaign(PEOPLE);
        SINK.clear(); // what comes now is announcements
        publisher.publish(Events.of(new CampaignMilestoneReached(campaign.toString(), Events.id(), PEOPLE)));
        await().atMost(Duration.ofMinutes(5)).until(() -> SINK.accepted().size() > 100);
        List<Double> busy = latencies(LATENCIES, Duration.ofMillis(100));
        long left = jdbc.sql("SELECT count(*) FROM event_routes.delivery WHERE status = 'due' AND recipient <> ''")
                .query(Long.class)
                .single();
        results.row()
                .with("what", "while %d of %d announcements wait, sink of 20 ms".formatted(left, PEOPLE))
                .with("p50 ms", Spread.percentile(busy, 50))
                .with("p99 ms", Spread.percentile(busy, 99));
        results.write();
        jdbc.sql("DELETE FROM event_routes.delivery WHERE recipient <> ''").update();
    }

    /** How long single welcome mails take, one after the other. */
    private List<Double> latencies(int count, Duration between) throws Exception {
        List<Double> latencies = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String email = Events.email();
            long start = System.nanoTime();
            publisher.publish(Events.of(new UserSignedUp(Events.id(), Events.id(), email)));
            await().pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(2))
                    .atMost(Duration.ofMinutes(1))
                    .until(() -> SINK.accepted().containsKey(email));
            latencies.add((Objects.requireNonNull(SINK.accepted().get(email)) - start) / 1e6);
            TimeUnit.NANOSECONDS.sleep(between.toNanos());
        }
        return latencies;
    }

    /** Mails a second between the first and the last one. */
    private static double rate(int mails, ThrowingRunnable work) throws Exception {
        SINK.clear();
        work.run();
        await().atMost(Duration.ofMinutes(5))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> SINK.accepted().size() >= mails);
        long[] times = SINK.accepted().values().stream()
                .mapToLong(Long::longValue)
                .sorted()
                .toArray();
        return (times.length - 1) / ((times[times.length - 1] - times[0]) / 1e9);
    }

    @FunctionalInterface
    private interface ThrowingRunnable {
        void run() throws Exception;
    }

    /** Writes the events of a round, each with somebody new. */
    private void publish(String topic, int events) {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of(
                        CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG,
                        platform.kafka().brokers(),
                        ProducerConfig.LINGER_MS_CONFIG,
                        5),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            for (int i = 0; i < events; i++) {
                String campaign = Events.id();
                DomainEvent event = Events.of(new UserSignedUp(Events.id(), campaign, Events.email()));
                byte[] json = EventJson.mapper().valueToTree(event).toString().getBytes(UTF_8);
                var unused = producer.send(new ProducerRecord<>(topic, campaign.getBytes(UTF_8), json));
            }
        }
    }

    private double bareJakartaMail() throws Exception {
        Session session = session();
        BlockingQueue<String> recipients = new ArrayBlockingQueue<>(1_000);
        List<Thread> senders = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            Thread sender = new Thread(() -> send(session, recipients), "bare");
            sender.start();
            senders.add(sender);
        }
        double rate = rate(MAILS, () -> {
            publish("bench-bare", MAILS);
            take(recipients);
        });
        for (Thread sender : senders) {
            sender.interrupt();
            sender.join();
        }
        return rate;
    }

    private void take(BlockingQueue<String> recipients) throws Exception {
        Map<String, Object> settings = Map.of(
                CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG,
                platform.kafka().brokers(),
                ConsumerConfig.GROUP_ID_CONFIG,
                "bench-bare",
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "earliest");
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of("bench-bare"));
            int taken = 0;
            while (taken < MAILS) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    recipients.put(email(record.value()));
                    taken++;
                }
                consumer.commitSync();
            }
        }
    }

    private static void send(Session session, BlockingQueue<String> recipients) {
        try (Transport connection = session.getTransport("smtp")) {
            connection.connect();
            while (true) {
                MimeMessage mail = mail(session, recipients.take());
                connection.sendMessage(mail, mail.getAllRecipients());
            }
        } catch (InterruptedException over) {
            Thread.currentThread().interrupt();
        } catch (MessagingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** As one would write it with Camel alone: in the consumer's thread, and with ten threads of its own. */
    private RouteBuilder camelsOwnSender() {
        Session session = session();
        return new RouteBuilder() {
            @Override
            public void configure() {
                reading("bench-camel")
                        .process(exchange -> write(session, exchange))
                        .to("smtp:localhost:" + SINK.port());

                reading("bench-camel-seda").to("seda:bench-mails?size=1000&blockWhenFull=true");
                from("seda:bench-mails?size=1000&concurrentConsumers=" + CONNECTIONS)
                        .routeId("bench-camel-sender")
                        .process(exchange -> write(session, exchange))
                        .to("smtp:localhost:" + SINK.port());
            }

            private ProcessorDefinition<?> reading(String topic) {
                return from("kafka:%s?groupId=%s&autoOffsetReset=earliest".formatted(topic, topic))
                        .routeId(topic)
                        .split(body())
                        .process(exchange -> exchange.getMessage()
                                .setBody(email(exchange.getMessage()
                                        .getMandatoryBody(Exchange.class)
                                        .getMessage()
                                        .getMandatoryBody(byte[].class))));
            }
        };
    }

    private static void write(Session session, Exchange exchange) throws Exception {
        exchange.getMessage().setBody(mail(session, exchange.getMessage().getMandatoryBody(String.class)));
    }

    private static Session session() {
        Properties properties = new Properties();
        properties.put("mail.smtp.host", "localhost");
        properties.put("mail.smtp.port", String.valueOf(SINK.port()));
        return Session.getInstance(properties);
    }

    private static String email(byte[] event) {
        try {
            return EventJson.mapper().readTree(event).at("/data/email").asText();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static MimeMessage mail(Session session, String recipient) throws MessagingException {
        MimeMessage mail = new MimeMessage(session);
        mail.setFrom(new InternetAddress("hello@demo.example"));
        mail.setRecipient(RecipientType.TO, new InternetAddress(recipient));
        mail.setSubject("Welcome", "UTF-8");
        MimeMultipart alternatives = new MimeMultipart("alternative");
        for (String[] part : new String[][] {{TEXT, "plain"}, {HTML, "html"}}) {
            MimeBodyPart body = new MimeBodyPart();
            body.setText(part[0], "UTF-8", part[1]);
            alternatives.addBodyPart(body);
        }
        mail.setContent(alternatives);
        mail.saveChanges();
        return mail;
    }

    private UUID campaign(int people) {
        UUID campaign = UUID.randomUUID();
        jdbc.sql("INSERT INTO campaigns (id, account_id, name, slug) VALUES (:id, :id, 'Bench', :slug)")
                .param("id", campaign)
                .param("slug", campaign.toString())
                .update();
        jdbc.sql("""
                        INSERT INTO waitlist_users (id, campaign_id, email, referral_code, original_position, position)
                        SELECT gen_random_uuid(), :campaign, n || '@bench.example', 'C' || n, n, n
                        FROM generate_series(1, :people) n
                        """).param("campaign", campaign).param("people", people).update();
        return campaign;
    }
}
