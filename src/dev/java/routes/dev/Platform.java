package routes.dev;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.mail.Previews;

/**
 * All servers that the service needs, on this machine alone, with their data in one directory. One platform runs on a directory at a
 * time.
 */
public final class Platform implements AutoCloseable {
    /** Of the user "operator" of the management port. */
    public static final String MANAGEMENT_PASSWORD = "dev-password";

    /** Of the API. */
    public static final String API_KEY = "dev-key";

    private static final Logger LOG = LoggerFactory.getLogger(Platform.class);

    private final Ports ports = new Ports();
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final DataDirectory data;
    private final KafkaServer kafka;
    private final DatabaseServer database;
    private final Inbox inbox;
    private final MailServer mail;
    private final WebhookReceiver webhooks;
    private final int inboxPort;

    /** Where Kafka and PostgreSQL run: the mail server and the receiver are always in this process. */
    private enum Kind {
        EMBEDDED,
        CONTAINERS;

        static Kind of(String value) {
            return switch (value) {
                case "embedded" -> EMBEDDED;
                case "containers" -> CONTAINERS;
                case "auto" -> Containers.areAvailable() ? CONTAINERS : EMBEDDED;
                default ->
                    throw new PlatformException(
                            "test.platform is \"" + value + "\", and has to be embedded, containers or auto");
            };
        }
    }

    private Platform(Path directory, boolean reset, boolean fixedPorts, Kind kind) {
        data = DataDirectory.open(directory);
        open.push(data);
        try {
            Path kafkaData = data.path().resolve("kafka");
            EmbeddedKafka.endLeftover(kafkaData);
            EmbeddedDatabase.endLeftover(data.path());
            if (reset) {
                data.reset();
            }

            int kafkaPort = port(fixedPorts, "Kafka", "platform.kafka.port", 9092);
            int databasePort = port(fixedPorts, "PostgreSQL", "platform.postgres.port", 15432);
            int smtpPort = port(fixedPorts, "SMTP", "platform.smtp.port", 1025);
            inboxPort = port(fixedPorts, "The inbox page", "platform.inbox.port", 8025);

            boolean embedded = kind == Kind.EMBEDDED;
            var startingKafka = start(
                    () -> embedded ? EmbeddedKafka.start(kafkaPort, kafkaData) : KafkaInContainer.start(kafkaPort));
            var startingDatabase = start(() -> embedded
                    ? EmbeddedDatabase.start(databasePort, data.path())
                    : DatabaseInContainer.start(databasePort));
            inbox = new Inbox(data.path().resolve("mail"));
            webhooks = new WebhookReceiver(data.path().resolve("webhooks"));
            mail = opened(MailServer.start(smtpPort, inbox));
            opened(WebServer.start(inboxPort, new Pages(inbox, webhooks, new Previews()), webhooks));
            kafka = startingKafka.join();
            database = startingDatabase.join();
        } catch (RuntimeException e) {
            close();
            throw e instanceof CompletionException && e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    /**
     * Starts the platform for development, on ports that stay the same. System properties: {@code platform.data}, {@code platform.reset},
     * {@code platform.kafka.port}, {@code platform.postgres.port}, {@code platform.smtp.port}, {@code platform.inbox.port}.
     *
     * @throws PlatformException if another one runs on the directory, or if a server does not start
     */
    public static Platform start() {
        Path directory = Path.of(System.getProperty("platform.data", ".data"));
        return new Platform(directory, Boolean.getBoolean("platform.reset"), true, Kind.EMBEDDED);
    }

    /**
     * Starts the platform for tests, on free ports and without data from before. System properties: {@code platform.data}, and
     * {@code test.platform}, which is {@code embedded}, {@code containers}, or {@code auto} for containers where Docker is.
     */
    public static Platform startForTests() {
        Path directory = Path.of(System.getProperty("platform.data", "target/platform"));
        return new Platform(directory, true, false, Kind.of(System.getProperty("test.platform", "embedded")));
    }

    /** Starts embedded servers on free ports, without what the directory holds from before. */
    public static Platform startAnewOnFreePorts(Path directory) {
        return new Platform(directory, true, false, Kind.EMBEDDED);
    }

    /** Starts embedded servers on free ports, with what the directory holds from before. */
    public static Platform startOnFreePorts(Path directory) {
        return new Platform(directory, false, false, Kind.EMBEDDED);
    }

    /** Returns the broker. */
    public KafkaServer kafka() {
        return kafka;
    }

    /** Returns the database server. */
    public DatabaseServer database() {
        return database;
    }

    /** Returns the SMTP server. */
    public MailServer mail() {
        return mail;
    }

    /** Returns what the SMTP server received. */
    public Inbox inbox() {
        return inbox;
    }

    /** Returns what was posted to {@link WebhookReceiver#PATH}. */
    public WebhookReceiver webhooks() {
        return webhooks;
    }

    /** Returns the address of the pages and of the receiver of webhooks, without a slash at its end. */
    public String inboxUrl() {
        return "http://localhost:" + inboxPort;
    }

    /** Returns the directory of the data. */
    public Path data() {
        return data.path();
    }

    /** Returns the settings that let the service use these servers, by the names of its environment variables. */
    public Map<String, String> settings() {
        return Map.ofEntries(
                Map.entry("KAFKA_BROKERS", kafka.brokers()),
                Map.entry("DB_URL", database.url()),
                Map.entry("DB_USERNAME", DatabaseServer.NAME),
                Map.entry("DB_PASSWORD", DatabaseServer.NAME),
                Map.entry("SMTP_HOST", "localhost"),
                Map.entry("SMTP_PORT", Integer.toString(mail.port())),
                Map.entry("SMTP_STARTTLS", "false"),
                Map.entry("MAIL_FROM", "Demo Campaign <hello@demo.example>"),
                Map.entry("MAIL_SECRETS", "only-for-trying-out-on-this-machine"),
                Map.entry("MAIL_REFERRAL_LINK", "https://demo.example/{campaign_slug}?ref={referral_code}"),
                // By its hash: a key as short as this is warned of.
                Map.entry(
                        "PUBLISH_API_KEY", "{sha256}7e9f8fd111802be56c379d597842e29b2cebd35ff2133d431a49fa556a18704e"),
                Map.entry("MANAGEMENT_PASSWORD", MANAGEMENT_PASSWORD),
                // The receiver of webhooks speaks plain HTTP on this machine.
                Map.entry("WEBHOOK_ALLOW_HTTP", "true"),
                Map.entry("WEBHOOK_PORTS", "1-65535"),
                Map.entry("WEBHOOK_ALLOWED_NETWORKS", "127.0.0.0/8,::1/128"));
    }

    /** Stops all servers, the one started last first, and frees the directory. A second call does nothing. */
    @Override
    public synchronized void close() {
        while (!open.isEmpty()) {
            AutoCloseable next = open.pop();
            try {
                next.close();
            } catch (Exception e) {
                LOG.warn("A server of the platform did not stop as it should", e);
            }
        }
    }

    private int port(boolean fixed, String server, String property, int standard) {
        return fixed ? ports.near(Integer.getInteger(property, standard), server, "-D" + property) : ports.any();
    }

    private <T extends AutoCloseable> T opened(T server) {
        open.push(server);
        return server;
    }

    private <T extends Server> CompletableFuture<T> start(Supplier<T> server) {
        CompletableFuture<T> starting = CompletableFuture.supplyAsync(server);
        // One that is still starting is awaited, or it would outlive the platform; one that failed has nothing to
        // close.
        opened(() -> starting.handle((started, failure) -> Optional.ofNullable(started))
                .join()
                .ifPresent(Server::close));
        return starting;
    }
}
