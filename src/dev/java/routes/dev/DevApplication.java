package routes.dev;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.event.ApplicationFailedEvent;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.event.GenericApplicationListener;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.io.FileSystemResource;
import org.springframework.jdbc.datasource.init.ScriptException;
import org.springframework.jdbc.datasource.init.ScriptUtils;
import routes.Application;

/** The service on the development platform: what {@code ./mvnw} starts. */
public final class DevApplication {

    private final String[] args;

    /** Those of the platform and its ports; null until the first start. */
    private @Nullable Map<String, Object> settings;

    private @Nullable Platform platform;

    private DevApplication(String... args) {
        this.args = args;
    }

    /**
     * Starts the platform, the demo campaign and the service, and says where to look. The service restarts when a file of its routes,
     * templates or SQL is changed.
     *
     * @param args settings as {@code --key=value}, as for the service itself
     */
    public static void main(String[] args) {
        DevApplication application = new DevApplication(args);
        ConfigurableApplicationContext service = application.start();
        new Restart(directories(service.getEnvironment()), service, application::start).watch();
    }

    private ConfigurableApplicationContext start() {
        SpringApplication application = new SpringApplication(Application.class);
        // The servers' start is no news; application.yaml may say otherwise.
        application.setDefaultProperties(Map.of(
                "logging.level.org.apache.kafka", "warn",
                "logging.level.io.zonky", "warn",
                // It warns of the parts of each report that comes back.
                "logging.level.com.icegreen.greenmail.store", "error"));
        // Once logging is set up, and before anything of the service exists.
        application.addInitializers(this::addPlatform);
        return application.run(args);
    }

    private void addPlatform(ConfigurableApplicationContext context) {
        if (settings == null) {
            startPlatform(context);
        }
        Platform platform = Objects.requireNonNull(this.platform);
        // Last: whoever sets one of these in the environment means it.
        context.getEnvironment().getPropertySources().addLast(new MapPropertySource("platform", settings));
        context.addApplicationListener(GenericApplicationListener.forEventType(
                ApplicationReadyEvent.class,
                ready -> System.out.print(new Welcome(platform, context.getEnvironment()))));
        if (context instanceof GenericApplicationContext service) {
            String management = "http://localhost:" + context.getEnvironment().getRequiredProperty("MANAGEMENT_PORT");
            Tryout.addTo(service, Map.of("management", management, "inbox", platform.inboxUrl()));
        }
    }

    private void startPlatform(ConfigurableApplicationContext context) {
        Platform platform = Platform.start();
        // The service closes before its servers do, or it would drain into nothing.
        SpringApplication.getShutdownHandlers().add(platform::close);
        context.addApplicationListener(
                GenericApplicationListener.forEventType(ApplicationFailedEvent.class, failed -> platform.close()));

        DemoCampaign.seed(platform);
        runSql(platform, System.getProperty("platform.sql", ""));
        settings = new HashMap<>(platform.settings());
        settings.putAll(platform.mailbox());
        settings.putAll(serverPorts(context.getEnvironment()));
        this.platform = platform;
    }

    /** Those of files that a deployment writes. */
    private static List<Path> directories(Environment environment) {
        return Stream.of("routes.directory", "mail.templates", "sql.location")
                .map(name -> environment.getProperty(name, ""))
                .filter(location -> !location.isBlank() && !location.startsWith("classpath:"))
                .map(location -> Path.of(location.replaceFirst("^file:", "")))
                .toList();
    }

    /** Runs a file with statements, such as the tables of a consumer that somebody tries out. */
    private static void runSql(Platform platform, String file) {
        if (file.isEmpty()) {
            return;
        }
        try (Connection connection = platform.database().dataSource().getConnection()) {
            ScriptUtils.executeSqlScript(connection, new FileSystemResource(file));
        } catch (ScriptException | SQLException e) {
            throw new PlatformException(
                    "-Dplatform.sql is \"%s\", which cannot be run: %s".formatted(file, e.getMessage()), e);
        }
    }

    static Map<String, Object> serverPorts(ConfigurableEnvironment environment) {
        Ports ports = new Ports();
        Map<String, Object> settings = new HashMap<>();
        settings.put("server.address", "127.0.0.1"); // its key is known to everybody
        if (!environment.containsProperty("SERVER_PORT")) {
            settings.put("SERVER_PORT", ports.near(8080, "The service's API", "SERVER_PORT"));
        }
        if (!environment.containsProperty("MANAGEMENT_PORT")) {
            settings.put("MANAGEMENT_PORT", ports.near(9876, "The service's management", "MANAGEMENT_PORT"));
        }
        return settings;
    }
}
