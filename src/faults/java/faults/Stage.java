package faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.springframework.util.FileSystemUtils;
import routes.dev.Platform;

/**
 * Where faults are caused: a broker, a database and the sinks, which all fault tests of a process share, and those of the service.
 * A test takes it as a parameter of its constructor, with {@code @ExtendWith(Stage.Provider.class)}.
 */
public final class Stage implements AutoCloseable {

    /** The tag of the faults that a build leaves to its second job, {@code -Pfaults -Dfaults.long=false}: each takes about a minute. */
    static final String FURTHER = "further-faults";

    static final String TOPIC = "domain-events";
    static final List<String> GROUPS = List.of("email-workers", "position-workers", "reward-workers");

    /** Workers of a group and an instance: what may be in flight at a crash, for each of the two groups with effects. */
    static final int WORKERS = 10;

    /** How many effects may be in flight when an instance dies: mails, webhooks, and webhooks whose outcome is being written. */
    static final int IN_FLIGHT = 3 * WORKERS;

    /** The longest that one may take to end that was told to stop. */
    static final Duration ENDED = Duration.ofMinutes(5);

    private static final Path DIRECTORY = Path.of(System.getProperty("faults.directory", "target/faults"));

    private final QuickStart quickStart;
    private final Platform platform;
    private final EffectLog effects;
    private final MailSink mails;
    private final WebhookSink webhooks;
    private final Admin admin;
    private final Report report;
    private final List<Service> services = new CopyOnWriteArrayList<>();
    private final Map<String, Integer> faults = new ConcurrentHashMap<>();
    private @Nullable Service shared;

    /** Starts one; {@link Provider} has that of the process. */
    Stage() {
        try {
            FileSystemUtils.deleteRecursively(DIRECTORY);
            Files.createDirectories(DIRECTORY);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        platform = Platform.startAnewOnFreePorts(DIRECTORY.resolve("platform"));
        effects = new EffectLog(DIRECTORY.resolve("effects.tsv"));
        mails = new MailSink(effects);
        webhooks = new WebhookSink(effects);
        quickStart = QuickStart.ofThisBuild(slow("training"));
        admin = Admin.create(Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, platform.kafka().brokers(),
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 3_000,
                AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 500,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 5_000));
        report = new Report(DIRECTORY, platform);
        // When the build is cut short.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> services.forEach(Service::close), "end-services"));
    }

    /** Whether each fault is caused as often as RELIABILITY asks for, and not only a few times ({@code -Pfaults}). */
    static boolean isLong() {
        return Boolean.getBoolean("faults.long");
    }

    /** How often a fault is caused. */
    static int rounds(int inShort, int inLong) {
        return isLong() ? Integer.getInteger("faults.rounds", inLong) : inShort;
    }

    Platform platform() {
        return platform;
    }

    EffectLog effects() {
        return effects;
    }

    MailSink mails() {
        return mails;
    }

    WebhookSink webhooks() {
        return webhooks;
    }

    Report report() {
        return report;
    }

    static Path file(String name) {
        return DIRECTORY.resolve(name);
    }

    Lag lag() throws ExecutionException, InterruptedException {
        return Lag.measure(admin, TOPIC, GROUPS);
    }

    /** How many partitions each member of a group has. */
    List<Integer> shares(String group) throws ExecutionException, InterruptedException {
        return admin.describeConsumerGroups(List.of(group)).all().get().values().stream()
                .flatMap(description -> description.members().stream())
                .map(member -> member.assignment().topicPartitions().size())
                .toList();
    }

    /** What the brokers decide with {@code group.protocol=consumer}: settings of each group. */
    void configure(Map<String, String> groups) throws ExecutionException, InterruptedException {
        List<AlterConfigOp> changes = groups.entrySet().stream()
                .map(setting -> new AlterConfigOp(
                        new ConfigEntry(setting.getKey(), setting.getValue()), AlterConfigOp.OpType.SET))
                .toList();
        admin.incrementalAlterConfigs(GROUPS.stream()
                        .collect(Collectors.toMap(
                                group -> new ConfigResource(ConfigResource.Type.GROUP, group), group -> changes)))
                .all()
                .get();
    }

    /** Begins to cause a fault. */
    Fault fault(String id, String what, String target) {
        return new Fault(this, id, what, target);
    }

    /** A name for a fault's load. Effects are told apart by it, so a fault that is caused again has another one. */
    String loadName(String id) {
        int nth = faults.merge(id, 1, Integer::sum);
        return id.toLowerCase(Locale.ROOT) + (nth == 1 ? "" : "-" + nth);
    }

    /** How an instance of the service is started here; its log is named for it. */
    Service.Start instance(String name) {
        return quickStart.apply(slow(name));
    }

    private Service.Start slow(String name) {
        Map<String, String> settings = new TreeMap<>(platform.settings());
        settings.put("SMTP_PORT", String.valueOf(mails.port()));
        settings.put("KAFKA_TOPIC", TOPIC);
        settings.put("KAFKA_WORKER_POOL_SIZE", String.valueOf(WORKERS));
        settings.put("WEBHOOK_CONNECTIONS", String.valueOf(WORKERS));
        // What fails for a moment, such as a connection to a server that is gone, is not to wait for minutes.
        settings.put("RETRY_SCHEDULE", "1s,1s,2s,2s,5s,5s,5s,5s");
        return Service.Start.of(file(name + ".log"), settings)
                // New partitions are found within seconds, not minutes.
                .with("--camel.component.kafka.metadata-max-age-ms=2000");
    }

    /** Starts an instance, and returns at once. It ends with the stage at the latest. */
    Service start(Service.Start start) {
        Service service = Service.start(start);
        services.add(service);
        return service;
    }

    /** The instance that faults share, ready: the one that runs, or a new one. */
    Service service() {
        if (shared == null || !shared.isAlive()) {
            shared = start(instance("service")).awaitReady();
        }
        return shared;
    }

    /** Leaves a running instance to the faults that follow. */
    void share(Service service) {
        if (shared != service) {
            endShared();
        }
        shared = service;
    }

    /** Ends what a fault has started and not ended itself, frozen or not; what it shares goes on. */
    void endOthers() {
        services.stream().filter(service -> service != shared).forEach(Service::close);
        services.removeIf(service -> service != shared);
    }

    /** Ends the instance that faults share, for a fault that wants none beside its own. Told to stop, it leaves its groups at once. */
    void endShared() {
        if (shared != null && shared.isAlive()) {
            shared.terminate(ENDED);
        }
        shared = null;
    }

    @Override
    public void close() throws IOException {
        services.forEach(Service::close);
        admin.close();
        mails.close();
        webhooks.close();
        effects.close();
        platform.close();
    }

    /** Gives each test that asks for it the stage of this process. */
    static final class Provider implements ParameterResolver {

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == Stage.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return Curtain.raise();
        }
    }

    /** Ends the stage of this process as soon as other tests begin, which it would slow down, and at the latest after all tests. */
    public static final class Curtain implements TestExecutionListener, LauncherSessionListener {

        private static @Nullable Stage stage;

        private static synchronized Stage raise() {
            if (stage == null) {
                stage = new Stage();
            }
            return stage;
        }

        private static synchronized void fall() {
            try (Stage ended = stage) {
                stage = null;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void executionStarted(TestIdentifier test) {
            if (test.getSource().orElse(null) instanceof ClassSource begun
                    && !begun.getClassName().startsWith("faults.")) {
                fall();
            }
        }

        @Override
        public void launcherSessionClosed(LauncherSession session) {
            fall();
        }
    }
}
