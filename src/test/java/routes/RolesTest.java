package routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.mockito.Mockito;
import org.springframework.boot.context.TypeExcludeFilter;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.test.context.ConfigDataApplicationContextInitializer;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.web.server.servlet.context.AnnotationConfigServletWebServerApplicationContext;
import org.springframework.context.ApplicationContext;
import org.springframework.core.type.classreading.MetadataReader;
import org.springframework.core.type.classreading.MetadataReaderFactory;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import routes.delivery.ConsumerGroup;
import routes.delivery.ConsumerGroups;
import routes.dev.Ports;
import routes.mail.MailSettings;

/** Each role has the routes and the HTTP entrances that are its own, and asks for no setting that it does not need. */
class RolesTest {

    private static final List<String> MAIL = List.of(
            "mail.host=localhost", "mail.from=nobody@example.com", "mail.secrets=only-for-trying-out-on-this-machine");

    private static final List<String> OF_EVERY_ROLE = List.of(
            "dead-letter",
            "due-deliveries",
            "history",
            "hold-intake",
            "observation",
            "open-dead-letters",
            "publish-event",
            "purge-ledger",
            "replays",
            "stray-deliveries",
            "take-in");

    /** A role, what else it needs, its own routes, its groups, and whether it answers POST /events. */
    static final List<Arguments> ROLES = List.of(
            Arguments.of(
                    "position",
                    List.of(),
                    List.of(
                            "apply-person-changes",
                            "person-changes",
                            "person-changes-lag",
                            "position-worker",
                            "position-workers",
                            "recalculate-campaigns",
                            "recalculate-page",
                            "recalculate-positions",
                            "recheck-positions",
                            "repair-board",
                            "repair-positions"),
                    List.of("position-workers"),
                    false),
            Arguments.of(
                    "reward",
                    MAIL,
                    List.of(
                            "deliver-reward",
                            "post-webhook",
                            "reward-status",
                            "reward-webhook",
                            "reward-worker",
                            "reward-workers",
                            "send-mail",
                            "transmit-mail"),
                    List.of("reward-workers"),
                    false),
            Arguments.of(
                    "routes",
                    List.of("routes.directory=examples/routes", "SLACK_WEBHOOK_URL=http://localhost:1"),
                    List.of(
                            "analytics-worker",
                            "analytics-workers",
                            "count-event",
                            "slack-worker",
                            "slack-workers",
                            "tell-channel"),
                    List.of("analytics-workers", "slack-workers"),
                    false),
            Arguments.of(
                    "email,publish",
                    MAIL,
                    List.of(
                            "complaint-rate",
                            "email-worker",
                            "email-workers",
                            "mail-campaign-milestone-reached",
                            "mail-referral-verified",
                            "mail-reward-earned",
                            "mail-user-signed-up",
                            "mail-user-verified",
                            "outbox",
                            "outbox-lag",
                            "relay-outbox",
                            "send-mail",
                            "transmit-mail"),
                    List.of("email-workers"),
                    true));

    @BeforeAll
    static void saysNothingOfKafka() {
        LoggingSystem.get(RolesTest.class.getClassLoader()).setLogLevel("org.apache.kafka", LogLevel.WARN);
    }

    @ParameterizedTest(name = "{0}")
    @FieldSource("ROLES")
    void aRoleHasItsOwnRoutesAndNoOthers(
            String role, List<String> settings, List<String> routes, List<String> groups, boolean publishes) {
        context(role, settings).run(context -> {
            assertThat(context).hasNotFailed();
            assertThat(context.getBean(CamelContext.class).getRoutes())
                    .extracting(Route::getRouteId)
                    .containsExactlyInAnyOrderElementsOf(Stream.concat(OF_EVERY_ROLE.stream(), routes.stream())
                            .toList());
            assertThat(context.getBean(ConsumerGroups.class).all())
                    .extracting(ConsumerGroup::name)
                    .containsExactlyElementsOf(groups);
            assertThat(answersEvents(context)).isEqualTo(publishes);
        });
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"email,true", "reward,true", "position,false", "publish,false"})
    void onlyARoleThatSendsMailAsksForItsSettings(String role, boolean asks) {
        new ApplicationContextRunner()
                .withUserConfiguration(Settings.class)
                .withPropertyValues("service.roles=" + role, "mail.host=", "mail.from=", "mail.secrets=")
                .run(context -> assertThat(context.getStartupFailure() != null).isEqualTo(asks));
    }

    /** An address is hashed, and a link is read, with the secret of those who send mail. */
    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({
        "publish, mail.unsubscribe-url=https://waitlist.example.com, true",
        "publish, reports.ses-topics=arn:aws:sns:eu-west-1:123456789012:bounces, true",
        "publish, reports.postmark-passwords=a-password-of-32-characters-or-so, true",
        "publish, reports.sendgrid-keys[0]=a-key, true",
        "publish, reports.mailgun-keys=a-key-of-16-characters, true",
        "publish, reports.generic-secrets=whsec_a, true",
        "publish, reports.generic-secrets=, false",
        "publish, bounces.verp-address=bounces@example.com, false",
        "position, mail.unsubscribe-url=https://waitlist.example.com, false",
        "position, reports.mailgun-keys=a-key-of-16-characters, false"
    })
    void onlyWhoAnswersLinksOrTakesReportsAsksForTheSecretOfTheMails(String role, String setting, boolean asks) {
        new ApplicationContextRunner()
                .withUserConfiguration(Settings.class)
                .withPropertyValues("service.roles=" + role, "mail.host=", "mail.from=", "mail.secrets=", setting)
                .run(context -> {
                    if (asks) {
                        assertThat(context.getStartupFailure())
                                .hasStackTraceContaining("write the secret of the instances that send mail");
                    } else {
                        assertThat(context).hasNotFailed();
                    }
                });
    }

    @EnableConfigurationProperties(MailSettings.class)
    static class Settings {}

    /** The deployments of all roles have one map of settings, and only some have the secret. */
    @Test
    void whatOnlyMailsNeedStopsNoOtherRole() {
        context(
                        "position",
                        List.of(
                                "mail.unsubscribe-url=https://waitlist.example.com",
                                "bounces.verp-address=bounces@example.com",
                                "reports.mailgun-keys=a-key-of-16-characters"))
                .run(context -> assertThat(context).hasNotFailed());
    }

    @Test
    void aRoleThatThereIsNotStopsTheStart() {
        context("email,mails", List.of())
                .run(context ->
                        assertThat(context.getStartupFailure()).rootCause().hasMessageContaining("Role.mails"));
    }

    /** With real ports; what asks for health and metrics is answered in every role. */
    @ParameterizedTest(name = "{0}")
    @CsvSource({"position,false", "publish,true"})
    void onlyTheRoleWithTheApiListensOnItsPort(String role, boolean listens) {
        Ports ports = new Ports();
        int port = ports.any();
        int managementPort = ports.any();

        context(new WebApplicationContextRunner(AnnotationConfigServletWebServerApplicationContext::new), role)
                .withPropertyValues("server.port=" + port, "management.server.port=" + managementPort)
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    assertThat(Ports.isListening(port)).isEqualTo(listens);
                    assertThat(Ports.isListening(managementPort)).isTrue();
                });
    }

    private static boolean answersEvents(ApplicationContext context) {
        return context.getBeansOfType(RequestMappingHandlerMapping.class).values().stream()
                .flatMap(mapping -> mapping.getHandlerMethods().keySet().stream())
                .anyMatch(mapping -> mapping.getPatternValues().contains("/events"));
    }

    /** Without servers: routes are made and not started. */
    private static WebApplicationContextRunner context(String role, List<String> settings) {
        return context(new WebApplicationContextRunner(), role).withPropertyValues(settings.toArray(String[]::new));
    }

    private static WebApplicationContextRunner context(WebApplicationContextRunner runner, String role) {
        return runner.withInitializer(new ConfigDataApplicationContextInitializer())
                .withInitializer(
                        context -> context.getBeanFactory().registerSingleton("withoutServers", new WithoutServers()))
                .withUserConfiguration(Application.class)
                .withBean(DataSource.class, () -> Mockito.mock(DataSource.class))
                .withPropertyValues(
                        "spring.datasource.url=jdbc:postgresql://localhost:1/none?prepareThreshold=0",
                        "spring.flyway.enabled=false",
                        "spring.jmx.enabled=false",
                        "camel.main.jmx-enabled=false",
                        "camel.main.auto-startup=false",
                        "camel.component.kafka.brokers=localhost:1")
                .withPropertyValues("service.roles=" + role);
    }

    /** Not what waits for brokers, nor the tests' own beans, which are in the same packages: the development platform among them. */
    static final class WithoutServers extends TypeExcludeFilter {

        @Override
        public boolean match(MetadataReader reader, MetadataReaderFactory factory) throws IOException {
            return reader.getResource().getURL().getPath().contains("/test-classes/")
                    || reader.getClassMetadata().getClassName().equals("routes.kafka.Topics");
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof WithoutServers;
        }

        @Override
        public int hashCode() {
            return WithoutServers.class.hashCode();
        }
    }
}
