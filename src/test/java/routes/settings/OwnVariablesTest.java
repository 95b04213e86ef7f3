package routes.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** A setting comes from the variable that the documentation lists, and from nothing that looks like it. */
@ExtendWith(OutputCaptureExtension.class)
class OwnVariablesTest {

    @Configuration(proxyBeanMethods = false)
    static class Nothing {}

    @Test
    void aServiceOfTheNamespaceIsNoSetting() {
        Map<String, Object> variables = new TreeMap<>();
        for (String name : new String[] {"MAIL", "SMTP", "SERVER", "MANAGEMENT"}) {
            variables.put(name + "_SERVICE_HOST", "10.96.0.7");
            variables.put(name + "_SERVICE_PORT", "25");
            variables.put(name + "_SERVICE_PORT_SMTP", "25");
            variables.put(name + "_PORT", "tcp://10.96.0.7:25");
            variables.put(name + "_PORT_25_TCP", "tcp://10.96.0.7:25");
            variables.put(name + "_PORT_25_TCP_PROTO", "tcp");
            variables.put(name + "_PORT_25_TCP_PORT", "25");
            variables.put(name + "_PORT_25_TCP_ADDR", "10.96.0.7");
        }

        assertThat(read(variables, "mail.port")).isEqualTo("587");
        assertThat(read(variables, "server.port")).isEqualTo("8080");
        assertThat(read(variables, "management.server.port")).isEqualTo("9876");
    }

    @Test
    void aPortThatIsWrittenIsOne() {
        assertThat(read(Map.of("SMTP_PORT", "2525", "SMTP_SERVICE_HOST", "10.96.0.7"), "mail.port"))
                .isEqualTo("2525");
    }

    @Test
    void aKeyWithAVariableOfItsOwnHasNoOther() {
        Map<String, Object> variables = Map.of(
                "MAIL_HOST", "elsewhere",
                "mail_username", "someone",
                "WEBHOOKS_ALLOWHTTP", "true",
                "WEBHOOKS_ALLOW_HTTP", "true",
                "SMTP_HOST", "smtp.example");

        assertThat(read(variables, "mail.host")).isEqualTo("smtp.example");
        assertThat(read(variables, "mail.username")).isEmpty();
        assertThat(read(variables, "webhooks.allow-http")).isEqualTo("false");
    }

    @Test
    void aKeyWithoutOneHasThatOfSpringsRule() {
        assertThat(read(Map.of("DELIVERIES_QUEUESIZE", "7", "MAIL_FROM", "a@example.com"), "deliveries.queue-size"))
                .isEqualTo("7");
    }

    @Test
    void aNameThatIsAlmostThatOfAVariableIsWarnedOf(CapturedOutput output) {
        read(
                Map.of(
                        "KAFKA_WORKERS_POOL_SIZE", "20",
                        "SMTP_SERVICE_HOST", "10.96.0.7",
                        "WEBHOOKS_TIMEOUT", "5s",
                        "DB_USERNAME", "routes",
                        "HOME", "/root"),
                "mail.host");

        assertThat(output.getAll().lines().filter(line -> line.contains("did you mean")))
                .singleElement()
                .asString()
                .contains("WARN", "KAFKA_WORKERS_POOL_SIZE", "did you mean KAFKA_WORKER_POOL_SIZE?");
    }

    private static String read(Map<String, Object> variables, String key) {
        StandardEnvironment environment = new StandardEnvironment();
        String name = StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;
        environment.getPropertySources().replace(name, new SystemEnvironmentPropertySource(name, variables));
        SpringApplication application = new SpringApplication(Nothing.class);
        application.setEnvironment(environment);
        application.setWebApplicationType(WebApplicationType.NONE);
        application.setRegisterShutdownHook(false);
        try (ConfigurableApplicationContext context = application.run()) {
            return Objects.requireNonNullElse(context.getEnvironment().getProperty(key), "");
        }
    }
}
