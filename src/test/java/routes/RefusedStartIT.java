package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.dev.Platform;

/** A setting that is wrong stops the start, with a sentence that says which one and what to write instead. */
@OnPlatform
@ExtendWith(OutputCaptureExtension.class)
class RefusedStartIT {

    private static final String PASSWORD = "hunter2hunter2";

    /** One for each way in which a setting is refused; {@link RefusedSettingsTest} has the others. And what is said of it. */
    static final List<Arguments> REFUSALS = List.of(
            Arguments.of("KAFKA_WORKER_POOL_SIZE=abc", List.of("KAFKA_WORKER_POOL_SIZE", "abc", "a whole number")),
            Arguments.of("MAIL_FROM", List.of("MAIL_FROM", "is missing")),
            Arguments.of(
                    "MAIL_SECRETS=change-me-and-keep-what-you-have-written",
                    List.of("MAIL_SECRETS", "write a secret of your own")),
            Arguments.of(
                    "SERVICE_ROLES=mails",
                    List.of("SERVICE_ROLES", "mails", "one of email, position, reward, publish, routes, all")),
            Arguments.of("--camel.component.kafka.batching=false", List.of("camel.component.kafka.batching", "fixed")),
            Arguments.of(
                    "--routes.directory=src/test/resources/wrong-routes",
                    List.of("typo.camel.yaml, line 7", "user.signedup", "is not a type")),
            Arguments.of("MANAGEMENT_PORT=8080", List.of("MANAGEMENT_PORT", "SERVER_PORT", "another")),
            Arguments.of("SERVER_PORT=abc", List.of("SERVER_PORT (server.port)", "abc", "a whole number")),
            Arguments.of("MANAGEMENT_PORT=70000", List.of("MANAGEMENT_PORT", "70000", "from 1 to 65535")),
            Arguments.of("SERVER_CONNECTION_TIMEOUT=10", List.of("SERVER_CONNECTION_TIMEOUT", "without a unit")),
            Arguments.of("--deliveries.foo=1", List.of("deliveries.foo", "not a setting")));

    @Autowired
    private Platform platform;

    @ParameterizedTest(name = "{0}")
    @FieldSource("REFUSALS")
    void aSettingThatIsWrongIsRefusedByNameAndNoSecretIsShown(String wrong, List<String> said, CapturedOutput output) {
        Map<String, Object> variables = new HashMap<>(platform.settings());
        variables.putAll(
                Map.of("SERVER_PORT", wrong.equals("MANAGEMENT_PORT=8080") ? "8080" : "0", "MANAGEMENT_PORT", "0"));
        List<String> arguments = new ArrayList<>();
        if (wrong.startsWith("--")) {
            arguments.add(wrong);
        } else if (wrong.contains("=")) {
            variables.put(wrong.substring(0, wrong.indexOf('=')), wrong.substring(wrong.indexOf('=') + 1));
        } else {
            variables.remove(wrong);
        }
        for (String secret : List.of("DB_PASSWORD", "SMTP_PASSWORD", "PUBLISH_API_KEY")) {
            if (!wrong.startsWith(secret)) {
                variables.put(secret, PASSWORD);
            }
        }

        Throwable failure = catchThrowable(() -> start(variables, arguments));

        assertThat(failure).isNotNull();
        assertThat(output.getAll()).contains(said).doesNotContain(PASSWORD).doesNotContain("\tat ");
    }

    @Test
    void aSecondTopicInOneDatabaseIsRefusedUntilTheLedgerIsSaidToBeOfIt(CapturedOutput output) {
        Map<String, Object> variables = new HashMap<>(platform.settings());
        variables.putAll(Map.of("SERVER_PORT", "0", "MANAGEMENT_PORT", "0", "SERVICE_ROLES", "publish"));
        variables.put("KAFKA_TOPIC", "other-events");
        JdbcClient jdbc = JdbcClient.create(platform.database().dataSource());

        assertThat(catchThrowable(() -> start(variables, List.of()))).isNotNull();
        String rename = "UPDATE event_routes.ledger_topic SET topic = 'other-events'";
        assertThat(output.getAll())
                .contains(
                        "KAFKA_TOPIC (domain-events.topic)",
                        "belongs to the topic domain-events",
                        "its own database",
                        rename);
        assertThat(output.getAll()).doesNotContain("Created topic other-events");

        jdbc.sql(rename).update();
        try {
            start(variables, List.of());
        } finally {
            jdbc.sql("UPDATE event_routes.ledger_topic SET topic = 'domain-events'")
                    .update();
        }
    }

    @Test
    void aPoolerThatSharesSessionsIsRefusedUnlessTheDriverPreparesNothingOrThePoolerKeepsIt(
            @TempDir Path directory, CapturedOutput output) throws Exception {
        assumeThat(PgBouncer.isOnThePath()).as("pgbouncer is on the path").isTrue();
        Map<String, Object> variables = new HashMap<>(platform.settings());
        variables.putAll(Map.of("SERVER_PORT", "0", "MANAGEMENT_PORT", "0", "SERVICE_ROLES", "publish"));
        try (PgBouncer pooler = PgBouncer.start(directory, platform.database().url(), "transaction", 0)) {
            variables.put("DB_URL", pooler.url());
            assertThat(catchThrowable(() -> start(variables, List.of()))).isNotNull();
            assertThat(output.getAll()).contains("DB_URL (spring.datasource.url)", "add prepareThreshold=0");

            variables.put("DB_URL", pooler.url() + "?prepareThreshold=0");
            start(variables, List.of());
        }
        if (PgBouncer.canKeepPreparedStatements()) {
            try (PgBouncer pooler =
                    PgBouncer.start(directory, platform.database().url(), "transaction", 100)) {
                variables.put("DB_URL", pooler.url());
                start(variables, List.of());
            }
        }
    }

    private static void start(Map<String, Object> variables, List<String> arguments) {
        run(variables, arguments).close();
    }

    /** Starts the service in this JVM, with these variables and no others. */
    static ConfigurableApplicationContext run(Map<String, Object> variables, List<String> arguments) {
        StandardEnvironment environment = new StandardEnvironment();
        environment
                .getPropertySources()
                .replace(
                        StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                        new SystemEnvironmentPropertySource(
                                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, variables));
        SpringApplication application = new SpringApplication(Application.class);
        application.setEnvironment(environment);
        application.setRegisterShutdownHook(false);
        return application.run(arguments.toArray(String[]::new));
    }
}
