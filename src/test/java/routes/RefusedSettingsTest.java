package routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A setting that is wrong is refused with a sentence that says which one and what to write instead. What can be wrong at the same time is
 * looked at in one check; {@link RefusedStartIT} has what only a start refuses, and that one stops.
 */
class RefusedSettingsTest {

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
            Arguments.of("--camel.component.kafka.batching=false", List.of("camel.component.kafka.batching", "fixed")),
            Arguments.of(
                    "--camel.component.kafka.pre-validate-host-and-port=true",
                    List.of("camel.component.kafka.pre-validate-host-and-port", "fixed")),
            Arguments.of(
                    "--camel.component.kafka.seek-to=beginning", List.of("camel.component.kafka.seek-to", "fixed")),
            Arguments.of(
                    "--camel.component.kafka.offset-repository=#offsets",
                    List.of("camel.component.kafka.offset-repository", "fixed")),
            Arguments.of(
                    "--domain-events.dead-letter-retention=30s",
                    List.of("domain-events.dead-letter-retention", "from 1h to 3650d")),
            Arguments.of(
                    "RETRY_SCHEDULE=5,300,1800",
                    List.of("RETRY_SCHEDULE (deliveries.retry-schedule)", "5,300,1800", "such as 500ms, 5s or 2h")),
            Arguments.of(
                    "SMTP_FALLBACK_UNKNOWN_AFTER=900",
                    List.of("SMTP_FALLBACK_UNKNOWN_AFTER (mail.fallback.unknown-after)", "900", "such as 500ms")),
            Arguments.of(
                    "--camel.component.kafka.kafka-client-factory=#factory",
                    List.of("camel.component.kafka.kafka-client-factory", "fixed")),
            Arguments.of(
                    "--camel.component.kafka.topic-is-pattern=true",
                    List.of("camel.component.kafka.topic-is-pattern", "fixed")),
            Arguments.of(
                    "KAFKA_BROKERS=kafka:9092,kafka2",
                    List.of("KAFKA_BROKERS (camel.component.kafka.brokers)", "kafka:9092,kafka2", "write host:port")),
            Arguments.of(
                    "--camel.component.kafka.auto-offset-reset=none",
                    List.of("camel.component.kafka.auto-offset-reset", "earliest or latest")),
            Arguments.of(
                    "--camel.component.kafka.delivery-timeout-ms=40001",
                    List.of("camel.component.kafka.delivery-timeout-ms", "is 40001", "max-block-ms is 10000", "50000")),
            Arguments.of(
                    "--camel.component.kafka.isolation-level=read_uncommitted",
                    List.of("camel.component.kafka.isolation-level", "fixed")),
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
                    "SPRING_APPLICATION_JSON={\"camel.component.kafka.additional-properties[max.block.ms]\":\"60000\"}",
                    List.of("camel.component.kafka.delivery-timeout-ms", "is 30000", "max-block-ms is 60000")),
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
            Arguments.of(
                    "--camel.main.shutdown-timout=60", List.of("camel.main.shutdown-timout", "not an option of Camel")),
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
            Arguments.of("--routes.directory=nowhere", List.of("routes.directory", "nowhere", "not a directory")),
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
            Arguments.of(
                    "SERVER_CONNECTION_TIMEOUT=10",
                    List.of("SERVER_CONNECTION_TIMEOUT (server.tomcat.connection-timeout)", "10", "such as 500ms")),
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

    /** Each has a setting once at most. Options of components are looked at when routes are made, which needs all other settings right. */
    static List<List<Arguments>> rounds() {
        List<List<Arguments>> rounds = new ArrayList<>();
        rounds.add(REFUSALS.stream().filter(RefusedSettingsTest::isOfAComponent).toList());
        List<Arguments> left = new ArrayList<>(REFUSALS);
        left.removeIf(RefusedSettingsTest::isOfAComponent);
        while (!left.isEmpty()) {
            Set<String> taken = new HashSet<>();
            List<Arguments> round =
                    left.stream().filter(refusal -> taken.add(setting(refusal))).toList();
            rounds.add(round);
            left.removeAll(round);
        }
        return rounds;
    }

    @ParameterizedTest
    @MethodSource("rounds")
    void whatIsWrongIsRefusedByNameAndNoSecretIsShown(List<Arguments> round) {
        Map<String, Object> variables = new HashMap<>();
        List<String> arguments = new ArrayList<>();
        for (Arguments refusal : round) {
            String wrong = wrong(refusal);
            if (wrong.startsWith("--")) {
                arguments.add(wrong);
            } else {
                variables.put(setting(refusal), wrong.contains("=") ? wrong.substring(wrong.indexOf('=') + 1) : "");
            }
        }
        for (String secret : List.of("DB_PASSWORD", "SMTP_PASSWORD", "PUBLISH_API_KEY")) {
            variables.putIfAbsent(secret, PASSWORD);
        }

        String problems = String.join("\n", CheckTest.check(variables, arguments.toArray(String[]::new)));

        for (Arguments refusal : round) {
            List<?> said = (List<?>) refusal.get()[1];
            assertThat(problems.lines().filter(line -> said.stream().allMatch(part -> line.contains((String) part))))
                    .as("%s in%n%s", wrong(refusal), problems)
                    .isNotEmpty();
        }
        assertThat(problems).doesNotContain(PASSWORD).doesNotContain("\tat ");
    }

    /** By itself: queues are behind consumers, whose own options are looked at first. */
    @Test
    void anUnknownOptionOfTheQueuesIsRefused() {
        assertThat(CheckTest.check(Map.of(), "--camel.component.seda.queue-sizes=100"))
                .containsExactly(
                        "camel.component.seda.queue-sizes is not an option of the component: remove it, or see the"
                                + " component's page in Camel's documentation.");
    }

    private static boolean isOfAComponent(Arguments refusal) {
        return setting(refusal).matches("(?i)--camel.component.(http\\..*|kafka\\.foo)|camel_component_http.*");
    }

    private static String wrong(Arguments refusal) {
        return (String) refusal.get()[0];
    }

    private static String setting(Arguments refusal) {
        return wrong(refusal).replaceFirst("=.*", "");
    }
}
