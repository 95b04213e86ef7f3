package routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** What {@code --check} finds, without servers. */
class CheckTest {

    private static final Map<String, Object> RIGHT = Map.of(
            "DB_URL", "jdbc:postgresql://localhost:1/none",
            "KAFKA_BROKERS", "localhost:1",
            "SMTP_HOST", "localhost",
            "SMTP_PORT", "1",
            "MAIL_FROM", "nobody@example.com",
            "MAIL_SECRETS", "only-for-this-test-and-long-enough",
            "ROUTES_DIRECTORY", "examples/routes",
            "SLACK_WEBHOOK_URL", "http://localhost:1");

    @TempDir
    private Path directory = Path.of("");

    @Test
    void whatIsRightIsFoundToBeSoWithoutServers() throws Exception {
        write("mail/user.signed_up/subject.mustache", "Welcome");
        write("sql/outbox/insert-event.sql", Files.readString(Path.of("examples/sql/outbox/insert-event.sql")));

        assertThat(check(Map.of(
                        "MAIL_TEMPLATES",
                        directory.resolve("mail").toString(),
                        "MANAGEMENT_ADDRESS",
                        "a-name-that-nobody-looks-up")))
                .isEmpty();
    }

    @Test
    void theDefaultsOfAllPlacesAreRight() throws Exception {
        assertThat(check(Map.of("ROUTES_DIRECTORY", "examples/places/defaults")))
                .isEmpty();
    }

    @Test
    void aPlaceThatWouldBreakAPromiseIsToldWithItsLine() throws Exception {
        write(
                "routes/mail.camel.yaml",
                Files.readString(Path.of("examples/places/defaults/transmit-mail.camel.yaml"))
                        .replace("- to:", "- wireTap:"));

        assertThat(check(Map.of("ROUTES_DIRECTORY", directory.resolve("routes").toString())))
                .singleElement()
                .asString()
                .contains("mail.camel.yaml, line 9: wireTap does not wait for the effect");
    }

    @Test
    void aFieldInKebabCaseIsToldAsTheOneThatCamelTakesItFor() throws Exception {
        write("routes/mail.camel.yaml", """
                - route:
                    id: transmit-mail
                    from:
                      uri: direct:transmit-mail
                      steps:
                        - doTry:
                            steps:
                              - to: log:provider
                            do-catch:
                              - exception: [java.lang.Exception]
                                steps:
                                  - log: gone
                """);

        assertThat(check(Map.of("ROUTES_DIRECTORY", directory.resolve("routes").toString())))
                .singleElement()
                .asString()
                .contains("mail.camel.yaml, line 9: doCatch lets a failure count as done");
    }

    @Test
    void allThatIsWrongIsToldAtOnce() throws Exception {
        write("mail/user.signed_up/subject.mustache", "Welcome, {{frist_name}}");
        write("mail/user.signed_up/de/subject.mustache", "Willkommen\n{{vorname}}");
        write(
                "routes/audit.camel.yaml",
                Files.readString(Path.of("examples/routes/analytics.camel.yaml"))
                        .replace("user.verified", "user.verifid")
                        .replace("query: >-", "batchh: true\n              query: >-"));

        Set<String> problems = check(Map.of(
                "KAFKA_GROUP_PROTOCOL", "streams",
                "RETRY_SCHEDULE", "soon",
                "SMTP_PORT", "70000",
                "PUBLISH_API_KEY", "abc",
                "DB_PASSWORD", "change-me",
                "MAIL_TEMPLATES", directory.resolve("mail").toString(),
                "MAIL_LOCALE", "German",
                "ROUTES_DIRECTORY", directory.resolve("routes").toString(),
                "CAMEL_COMPONENT_HTTP_USESYSTEMPROPERTIES", "true"));

        assertThat(String.join("\n", problems))
                .contains(
                        "KAFKA_GROUP_PROTOCOL (domain-events.group-protocol) is \"streams\": write one of classic, consumer.")
                .contains("RETRY_SCHEDULE (deliveries.retry-schedule) is \"soon\"")
                .contains("SMTP_PORT (mail.port) is \"70000\"")
                .contains("PUBLISH_API_KEY (publishing.api-key): entry 1 has 3 characters: write 6 to 512")
                .contains("DB_PASSWORD (spring.datasource.password) is the value of the example")
                .contains("MAIL_LOCALE (mail.locale) is \"German\": write a language tag, such as en or de-AT")
                .contains("user.signed_up/subject.mustache, line 1: {{frist_name}} is not a variable")
                .contains("user.signed_up/de/subject.mustache, line 2: {{vorname}} is not a variable")
                .contains("user.signed_up/de/body.html.mustache does not exist: add it")
                .contains("audit.camel.yaml, line 10: \"user.verifid\" is not a type")
                .contains("audit.camel.yaml, line 18: batchh is not an option of sql, did you mean batch?")
                .contains("camel.component.http");
        assertThat(problems).hasSize(10);
    }

    @Test
    void filesOfSqlAndWhatNeedsNoneOfThemAreToldTogether() throws Exception {
        write("sql/mail/person.sql", "SELECT 1");
        write("sql/mail/persons.sql", "SELECT 1");
        write("routes/audit.camel.yaml", "route:");

        assertThat(String.join(
                        "\n",
                        check(Map.of(
                                "SQL_LOCATION",
                                directory.resolve("sql") + "/",
                                "ROUTES_DIRECTORY",
                                directory.resolve("routes").toString()))))
                .contains("SQL_LOCATION (sql.location) contains mail/person.sql, which does not begin with")
                .contains("; contains mail/persons.sql, which does not replace any file")
                .contains("audit.camel.yaml, line 1: the file is not a list")
                .contains("only when the settings are right");
    }

    @Test
    void aFileOfRoutesWithAnotherEndingIsTold() throws Exception {
        write("routes/audit.yaml", "# mine\n" + Files.readString(Path.of("examples/routes/analytics.camel.yaml")));
        write("routes/compose.yml", "services:\n  one: {}\n");

        assertThat(check(Map.of("ROUTES_DIRECTORY", directory.resolve("routes").toString())))
                .singleElement()
                .asString()
                .endsWith(
                        "audit.yaml: its name does not end in .camel.yaml, so it is ignored: rename it to audit.camel.yaml, or move it elsewhere");
    }

    @Test
    void mistakesOfAllFilesAndVariablesAreToldAtOnceWithoutTheirValues() throws Exception {
        write(
                "routes/slack.camel.yaml",
                Files.readString(Path.of("examples/routes/slack.camel.yaml"))
                        .replace("SLACK_WEBHOOK_URL}}", "SLACK_WEBHOK_URL}}")
                        .replace("responseTimeout", "responsTimeout"));
        write(
                "routes/audit.camel.yaml",
                Files.readString(Path.of("examples/routes/analytics.camel.yaml")) + "        - to: direct:send-mial\n");
        write("routes/mail-api.camel.yaml", Files.readString(Path.of("examples/places/mail-api/mail-api.camel.yaml")));

        assertThat(check(Map.of("ROUTES_DIRECTORY", directory.resolve("routes").toString())))
                .satisfiesExactlyInAnyOrder(
                        one -> assertThat(one)
                                .contains(
                                        "slack.camel.yaml, line 38: the variable SLACK_WEBHOK_URL is not set: set it, or use another one, did you mean SLACK_WEBHOOK_URL?"),
                        one -> assertThat(one)
                                .contains(
                                        "slack.camel.yaml, line 44: responsTimeout is not an option of http, did you mean responseTimeout?"),
                        one -> assertThat(one).contains("audit.camel.yaml").contains("no route reads direct:send-mial"),
                        one -> assertThat(one)
                                .contains("mail-api.camel.yaml, line 21: the variable MAIL_API_URL is not set"),
                        one -> assertThat(one)
                                .contains("mail-api.camel.yaml, line 26: the variable MAIL_API_KEY is not set"));
    }

    @Test
    void reportsThatNobodyCouldActOnAreTold() {
        Map<String, Object> settings = Map.of(
                "SERVICE_ROLES", "publish",
                "MAIL_SECRETS", "",
                "REPORTS_POSTMARK_PASSWORDS", "a-password-of-32-characters-or-so");

        assertThat(check(settings))
                .singleElement()
                .asString()
                .startsWith("MAIL_SECRETS (mail.secrets) is missing: write the secret of the instances that send mail");
    }

    @Test
    void aRoleThatThereIsNotIsTold() {
        assertThat(check(Map.of("SERVICE_ROLES", "mails")))
                .singleElement()
                .asString()
                .contains("SERVICE_ROLES (service.roles)", "one of email");
    }

    @Test
    void whatTheServersOfThePortsWouldRefuseIsTold() {
        Map<String, Object> settings = Map.of(
                "SERVER_PORT", "abc",
                "SERVER_MAX_CONNECTIONS", "many",
                "SERVER_CONNECTION_TIMEOUT", "soon",
                "MANAGEMENT_PORT", "70.000",
                "MANAGEMENT_ADDRESS", "127.0.0.256");

        assertThat(check(settings))
                .contains(
                        "SERVER_PORT (server.port) is \"abc\": write a whole number.",
                        "SERVER_MAX_CONNECTIONS (server.tomcat.max-connections) is \"many\": write a whole number.",
                        "SERVER_CONNECTION_TIMEOUT (server.tomcat.connection-timeout) is \"soon\": write a duration, such as 500ms, 5s or 2h.",
                        "MANAGEMENT_PORT (management.server.port) is \"70.000\": write a whole number.",
                        "MANAGEMENT_ADDRESS (management.server.address) is \"127.0.0.256\": write an address of this machine, such as 127.0.0.1 or 0.0.0.0.");
    }

    @Test
    void portsThatThereAreNotAreTold() {
        assertThat(check(Map.of("SERVER_PORT", "70000", "MANAGEMENT_PORT", "65536")))
                .contains(
                        "SERVER_PORT (server.port) is \"70000\": write a port from 1 to 65535.",
                        "MANAGEMENT_PORT (management.server.port) is \"65536\": write a port from 1 to 65535.");
    }

    @Test
    void serversThatDoNotAnswerAreToldIfAskedFor() {
        assertThat(check(Map.of(), "--check=connections"))
                .hasSize(3)
                .anyMatch(problem ->
                        problem.startsWith("DB_URL (spring.datasource.url) names a database that cannot be used"))
                .anyMatch(problem -> problem.startsWith("smtp cannot be used: "))
                .anyMatch(problem -> problem.startsWith("kafka cannot be used: "));
    }

    private void write(String name, String content) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    /** What the check says of these settings, in place of right ones. */
    static Set<String> check(Map<String, Object> settings, String... arguments) {
        Map<String, Object> variables = new HashMap<>(RIGHT);
        variables.putAll(settings);
        String name = StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;
        StandardEnvironment environment = new StandardEnvironment();
        environment.getPropertySources().replace(name, new SystemEnvironmentPropertySource(name, variables));
        SpringApplication application = new SpringApplication(Application.class);
        application.addInitializers(context ->
                context.getBeanFactory().registerSingleton("withoutServers", new RolesTest.WithoutServers()));
        // The levels of the log are those of the process, and other tests read it.
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--logging.level.root=info", "--logging.level.routes=info"));
        return Check.problems(application, environment, all.toArray(String[]::new));
    }
}
