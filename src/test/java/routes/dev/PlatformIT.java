package routes.dev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.mail.Message;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.MimeMessage;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;

class PlatformIT {
    private static final String TOPIC = "kept";
    private static final String RENAME = "UPDATE campaigns SET name = 'Night Owls' WHERE slug = 'early-birds'";

    /** For what one is enough for: its servers take longer to start than most tests. */
    private static Platform platform;

    private final Path directory;

    PlatformIT(@TempDir Path directory) {
        this.directory = directory;
    }

    @BeforeAll
    static void start(@TempDir Path directory) {
        platform = Platform.startOnFreePorts(directory);
    }

    @AfterAll
    static void stop() {
        platform.close();
    }

    @Test
    void whatWasWrittenIsThereAfterARestartAndGoneAfterAReset() throws Exception {
        try (Platform first = Platform.startOnFreePorts(directory)) {
            DemoCampaign.seed(first);
            jdbc(first).update(RENAME);
            createTopic(first);
            publish(first, "one");
            sendMail(first, "Hello");
        }

        try (Platform second = Platform.startOnFreePorts(directory)) {
            DemoCampaign.seed(second);

            assertThat(campaignName(second)).isEqualTo("Night Owls");
            assertThat(webhookUrl(second)).isEqualTo(second.inboxUrl() + DemoCampaign.WEBHOOK_PATH);
            assertThat(records(second)).containsExactly("one");
            assertThat(second.inbox().list()).extracting(ReceivedMail::subject).containsExactly("Hello");
        }

        try (Platform third = Platform.startAnewOnFreePorts(directory)) {
            assertThat(jdbc(third).queryForList("SELECT slug FROM campaigns", String.class))
                    .isEmpty();
            try (Admin admin = Admin.create(bootstrap(third))) {
                assertThat(admin.listTopics().names().get()).isEmpty();
            }
            assertThat(third.inbox().list()).isEmpty();
        }
    }

    @Test
    void whatWasAcknowledgedSurvivesTheDeathOfAServer() throws Exception {
        DemoCampaign.seed(platform);
        createTopic(platform);
        publish(platform, "one");
        jdbc(platform).update(RENAME);

        platform.kafka().kill();
        platform.database().kill();
        platform.mail().kill();
        platform.kafka().restart();
        platform.database().restart();
        platform.mail().restart();

        publish(platform, "two");
        sendMail(platform, "Still here");
        assertThat(records(platform)).containsExactly("one", "two");
        assertThat(campaignName(platform)).isEqualTo("Night Owls");
        assertThat(platform.inbox().list()).hasSize(1);
    }

    @Test
    void writesOfTheDatabaseAreAsDurableAsInProduction() {
        JdbcTemplate jdbc = jdbc(platform);
        assertThat(jdbc.queryForObject("SHOW fsync", String.class)).isEqualTo("on");
        assertThat(jdbc.queryForObject("SHOW synchronous_commit", String.class)).isEqualTo("on");
        assertThat(jdbc.queryForObject("SHOW server_version", String.class))
                .as("a new major version belongs into EmbeddedDatabase, too")
                .startsWith(
                        System.getProperty("platform.postgres.version", "17").replaceFirst("\\..*", "."));
    }

    /** 127.0.0.2 is this machine, too, as any address of another interface is. */
    @Test
    void itsServersListenOnLoopbackAlone() throws Exception {
        List<Integer> ports = List.of(
                URI.create("kafka://" + platform.kafka().brokers()).getPort(),
                URI.create(platform.database().url().substring("jdbc:".length()))
                        .getPort(),
                platform.mail().port(),
                URI.create(platform.inboxUrl()).getPort());

        for (int port : ports) {
            assertThat(Ports.isListening(port)).as("port %d", port).isTrue();
            assertThat(Ports.isListening(InetAddress.getByName("127.0.0.2"), port))
                    .as("port %d", port)
                    .isFalse();
        }
    }

    @Test
    void aBrokerThatCannotStartSaysWhatItsLogSays() throws Exception {
        Path broken = Files.createDirectories(directory.resolve("kafka/log")).resolve("meta.properties");
        Files.writeString(broken, "version=1\ncluster.id=of-another\nnode.id=2\n");

        assertThatThrownBy(() -> EmbeddedKafka.start(new Ports().any(), directory.resolve("kafka")))
                .isInstanceOf(PlatformException.class)
                .hasMessageContaining("Its log " + directory.resolve("kafka.log"))
                .hasMessageContaining("Stored node id 2");
    }

    @Test
    void aServerDoesNotTakeAnotherProgramForItself() throws Exception {
        try (ServerSocket other = new ServerSocket(new Ports().any(), 1, InetAddress.getLoopbackAddress())) {
            int port = other.getLocalPort();

            assertThatThrownBy(() -> EmbeddedKafka.start(port, directory))
                    .hasMessage("Kafka cannot start: port " + port + " is taken by another program.");
            assertThatThrownBy(() -> EmbeddedDatabase.start(port, directory))
                    .hasMessage("PostgreSQL cannot start: port " + port + " is taken by another program.");
        }
    }

    private static JdbcTemplate jdbc(Platform platform) {
        return new JdbcTemplate(platform.database().dataSource());
    }

    private static String campaignName(Platform platform) {
        return String.valueOf(jdbc(platform).queryForObject("SELECT name FROM campaigns", String.class));
    }

    private static String webhookUrl(Platform platform) {
        return String.valueOf(jdbc(platform).queryForObject("SELECT url FROM webhooks", String.class));
    }

    private static Map<String, Object> bootstrap(Platform platform) {
        return Map.of("bootstrap.servers", platform.settings().get("KAFKA_BROKERS"));
    }

    private static void createTopic(Platform platform) throws Exception {
        try (Admin admin = Admin.create(bootstrap(platform))) {
            admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1))).all().get();
        }
    }

    private static void publish(Platform platform, String value) throws Exception {
        try (var producer = new KafkaProducer<>(bootstrap(platform), new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(TOPIC, value)).get(60, TimeUnit.SECONDS);
        }
    }

    private static List<String> records(Platform platform) {
        TopicPartition partition = new TopicPartition(TOPIC, 0);
        try (var consumer =
                new KafkaConsumer<>(bootstrap(platform), new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            return consumer.poll(Duration.ofSeconds(60)).records(partition).stream()
                    .map(found -> found.value())
                    .toList();
        }
    }

    private static void sendMail(Platform platform, String subject) throws Exception {
        Properties settings = new Properties();
        settings.setProperty("mail.smtp.host", "localhost");
        settings.setProperty("mail.smtp.port", Integer.toString(platform.mail().port()));
        MimeMessage mail = new MimeMessage(Session.getInstance(settings));
        mail.setFrom("hello@early-birds.example");
        mail.setRecipients(Message.RecipientType.TO, "ada@example.com, grace@example.com");
        mail.setSubject(subject);
        mail.setText("Hello");
        Transport.send(mail);
    }
}
