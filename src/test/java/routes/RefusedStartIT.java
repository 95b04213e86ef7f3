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

    /** What is wrong, as a setting (NAME=value), as no setting at all (NAME) or as an argument (--key=value); and what is said of it. */
    static final List<Arguments> REFUSALS = List.of(
            Arguments.of("KAFKA_WORKER_POOL_SIZE=abc", List.of("KAFKA_WORKER_POOL_SIZE", "abc", "a whole number")),
            Arguments.of("OUTCOME_EVENTS=maybe", List.of("OUTCOME_EVENTS", "maybe", "true or false")),
            Arguments.of("POSITION_MODE=best", List.of("POSITION_MODE", "best", "formula", "rank")),
            Arguments.of("MAIL_FROM", List.of("MAIL_FROM", "is missing")),
            Arguments.of("MAIL_SECRETS", List.of("MAIL_SECRETS", "is missing", "openssl rand -hex 32")),
            Arguments.of("MAIL_SECRETS=hunter2,hunter2hunter2", List.of("MAIL_SECRETS", "at least 32 characters")),
            Arguments.of(
                    "MAIL_SECRETS=change-me-and-keep-what-you-have-written",
                    List.of("MAIL_SECRETS", "write a secret of your own")),
            Arguments.of(
                    "SERVICE_ROLES=mails",
                    List.of("SERVICE_ROLES", "mails", "one of email, position, reward, publish, routes, all")),
            Arguments.of("--camel.component.kafka.batching=false", List.of("camel.component.kafka.batching", "fixed")),
            Arguments.of(
                    "--camel.component.kafka.auto-offset-reset=none",
                    List.of("camel.component.kafka.auto-offset-reset", "earliest or latest")),
            Arguments.of(
                    "--camel.component.kafka.isolation-level=read_uncommitted",
                    List.of("camel.component.kafka.isolation-level", "fixed")),
            Arguments.of(
                    "KAFKA_GROUP_PROTOCOL=streams",
                    List.of("KAFKA_GROUP_PROTOCOL (domain-events.group-protocol)", "streams", "classic", "consumer")),
            Arguments.of(
                    "--camel.component.kafka.group-protocol=consumer",
                    List.of("camel.component.kafka.group-protocol", "write KAFKA_GROUP_PROTOCOL=classic or consumer")),
            Arguments.of(
                    "--camel.component.kafka.additional-properties[group.protocol]=consumer",
                    List.of(
                            "camel.component.kafka.additional-properties[group.protocol]",
                            "write KAFKA_GROUP_PROTOCOL=classic or consumer")),
            Arguments.of(
                    byConsumer("session-timeout-ms", "6000"),
                    List.of("camel.component.kafka.session-timeout-ms", "group.consumer.session.timeout.ms")),
            Arguments.of(
                    byConsumer("heartbeat-interval-ms", "2000"),
                    List.of("camel.component.kafka.heartbeat-interval-ms", "group.consumer.heartbeat.interval.ms")),
            Arguments.of(
                    byConsumer("partition-assignor", "org.apache.kafka.clients.consumer.RangeAssignor"),
                    List.of("camel.component.kafka.partition-assignor", "group.consumer.assignors")),
            Arguments.of(
                    byConsumer("additional-properties[session.timeout.ms]", "6000"),
                    List.of("additional-properties[session.timeout.ms]", "group.consumer.session.timeout.ms")),
            Arguments.of(
                    "CAMEL_COMPONENT_KAFKA_AUTOCOMMITENABLE=true",
                    List.of("camel.component.kafka.auto-commit-enable", "fixed")),
            Arguments.of(
                    "--camel.component.http.proxy-host=proxy.internal",
                    List.of("camel.component.http.proxy-host", "webhooks.*", "camel.component.https.proxy-host")),
            Arguments.of(
                    "CAMEL_COMPONENT_HTTP_USESYSTEMPROPERTIES=true",
                    List.of("camel.component.http", "is not a setting")),
            Arguments.of(
                    "--camel.component.http.x509-hostname-verifier=#any",
                    List.of("camel.component.http.x509-hostname-verifier", "is not a setting")),
            Arguments.of("--camel.component.kafka.foo=1", List.of("camel.component.kafka.foo", "not an option")),
            Arguments.of("MANAGEMENT_PASSWORD={md5}x", List.of("MANAGEMENT_PASSWORD", "{bcrypt}")),
            Arguments.of("MANAGEMENT_PASSWORD=change-me-too", List.of("MANAGEMENT_PASSWORD", "of your own")),
            Arguments.of(
                    "--publishing.api-key=good-enough-for-all,change-me", List.of("publishing.api-key", "of your own")),
            Arguments.of(
                    "PUBLISH_API_KEY=only-for-trying-out,new-key",
                    List.of("PUBLISH_API_KEY", "at least 16 characters")),
            Arguments.of("MANAGEMENT_PORT=8080", List.of("MANAGEMENT_PORT", "SERVER_PORT", "another")),
            Arguments.of(
                    "--routes.directory=src/test/resources/wrong-routes",
                    List.of("typo.camel.yaml, line 7", "user.signedup", "is not a type")),
            Arguments.of("ROUTES_DIRECTORY=nowhere", List.of("ROUTES_DIRECTORY", "nowhere", "not a directory")),
            Arguments.of("DB_PASSWORD=change-me", List.of("DB_PASSWORD", "write a secret of your own")),
            Arguments.of(
                    "MANAGEMENT_OIDC_CLIENT_SECRET=change-me",
                    List.of("MANAGEMENT_OIDC_CLIENT_SECRET", "write a secret of your own")),
            Arguments.of(
                    "MANAGEMENT_LOGIN_USERS_0_PASSWORD=change-me-too",
                    List.of("management.login.users[0].password", "write a secret of your own")),
            Arguments.of("SMTP_PASSWORD=ChangeMe", List.of("SMTP_PASSWORD", "write a secret of your own")),
            Arguments.of("SMTP_FALLBACK_PASSWORD=ChangeMe", List.of("SMTP_FALLBACK_PASSWORD", "of your own")),
            Arguments.of("SMTP_FALLBACK_PORT=2525", List.of("mail: write the name of the second SMTP server")),
            Arguments.of("SMTP_FALLBACK_PORT=0", List.of("SMTP_FALLBACK_PORT (mail.fallback.port)", "between 1 and")),
            Arguments.of("SMTP_FALLBACK_UNKNOWN_AFTER=soon", List.of("SMTP_FALLBACK_UNKNOWN_AFTER", "a duration")),
            Arguments.of(
                    "SPRING_APPLICATION_JSON={\"mail.fallback.host\":\"LOCALHOST\",\"mail.fallback.port\":\"${SMTP_PORT}\"}",
                    List.of("mail: the second SMTP server is the first", "SMTP_FALLBACK_HOST")),
            Arguments.of("BOUNCES_PASSWORD=change-me", List.of("BOUNCES_PASSWORD", "write a secret of your own")),
            Arguments.of("BOUNCES_PROTOCOL=smtp", List.of("BOUNCES_PROTOCOL", "imaps, imap, pop3s or pop3")),
            Arguments.of(
                    "BOUNCES_VERP_ADDRESS=our-bounce-mailbox@example.com",
                    List.of("BOUNCES_VERP_ADDRESS", "at most 14 characters")),
            Arguments.of(
                    "PUBLISH_API_KEY=abc",
                    List.of("PUBLISH_API_KEY (publishing.api-key): entry 1 has 3 characters: write 6")),
            Arguments.of("PUBLISH_API_KEY=change-me", List.of("PUBLISH_API_KEY", "write a secret of your own")),
            Arguments.of(
                    "DELIVERIES_MAXBACKLOG=many",
                    List.of("DELIVERIES_MAXBACKLOG (deliveries.max-backlog)", "many", "a whole number")),
            Arguments.of("--deliveries.foo=1", List.of("deliveries.foo", "not a setting")));

    private static String byConsumer(String option, String value) {
        return "SPRING_APPLICATION_JSON={\"domain-events.group-protocol\":\"consumer\",\"camel.component.kafka.%s\":\"%s\"}"
                .formatted(option, value);
    }

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
