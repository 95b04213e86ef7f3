package routes;

import com.zaxxer.hikari.HikariConfigMXBean;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.time.Duration;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.jdbc.DataSourceUnwrapper;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.DynamicPropertyRegistrar;
import org.springframework.test.context.junit.jupiter.SpringExtension;
import routes.dev.DemoCampaign;
import routes.dev.Inbox;
import routes.dev.Platform;
import routes.dev.WebhookReceiver;

/**
 * An integration test of the service on real servers, with the demo campaign in the database. All tests of a process share one platform,
 * whose data is new in each build: a test uses ids and recipients of its own, or clears what it reads.
 *
 * <p>{@link Platform}, {@link Inbox} and {@link WebhookReceiver} are beans. {@code -Dtest.platform=containers} runs Kafka and PostgreSQL
 * in containers, {@code auto} does so where Docker is.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@SpringBootTest(
        classes = Application.class,
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        // Not in the registrar: what decides on the management server's own port asks before there are beans.
        properties = {
            "management.server.port=0",
            // Which tests have off by default; several contexts live in one JVM.
            "spring.jmx.enabled=true",
            "management.endpoints.jmx.unique-names=true",
            "spring.jmx.unique-names=true",
            // What somebody tries out beside the sources is not a part of the tests.
            "routes.directory=",
            // Retries within the patience of a test.
            "deliveries.retry-schedule=100ms,200ms,400ms,500ms",
            "deliveries.retry-jitter=0",
            "deliveries.early-for=1s",
            "positions.look-again-after=1s,2s",
            "mail.refused-pause=1s",
            "webhooks.breaker-pause=500ms",
            "webhooks.breaker-max-pause=500ms",
            "deliveries.due-interval=50ms",
            // Which most tests await: a group commits what it has only passed over once a poll comes back empty.
            "camel.component.kafka.poll-timeout-ms=50",
            "deliveries.heartbeat-interval=500ms",
            "deliveries.heartbeat-timeout=3s",
            "observation.interval=500ms"
        })
@Import({OnPlatform.Servers.class, Pipeline.class})
@ExtendWith(OnPlatform.NoLeaks.class)
public @interface OnPlatform {

    /** After the tests of a class all connections to the database are given back: a pool that loses one each time ends the service. */
    class NoLeaks implements AfterAllCallback {

        @Override
        public void afterAll(ExtensionContext tests) {
            if (tests.getExecutionException().isPresent()) {
                return; // perhaps there is no service
            }
            HikariPoolMXBean pool = DataSourceUnwrapper.unwrap(
                            SpringExtension.getApplicationContext(tests).getBean("dataSource", DataSource.class),
                            HikariConfigMXBean.class,
                            HikariDataSource.class)
                    .getHikariPoolMXBean();
            Awaitility.await("a moment without a connection in use")
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> pool.getActiveConnections() == 0);
        }
    }

    /** The platform of this JVM, and its settings for the service. */
    @TestConfiguration(proxyBeanMethods = false)
    class Servers {

        /** Outlives each test's context, which therefore must not close it. */
        @Bean(destroyMethod = "")
        Platform platform() {
            forgetTheTopic(JdbcClient.create(Shared.PLATFORM.database().dataSource()));
            return Shared.PLATFORM;
        }

        /** Benchmarks have topics of their own, one after the other, where a service is refused that has another than the one before it. */
        private static void forgetTheTopic(JdbcClient jdbc) {
            boolean isThere = jdbc.sql("SELECT to_regclass('event_routes.ledger_topic') IS NOT NULL")
                    .query(Boolean.class)
                    .single();
            if (isThere) {
                jdbc.sql("DELETE FROM event_routes.ledger_topic").update();
            }
        }

        @Bean
        Inbox inbox(Platform platform) {
            return platform.inbox();
        }

        @Bean
        WebhookReceiver webhookReceiver(Platform platform) {
            return platform.webhooks();
        }

        @Bean
        DynamicPropertyRegistrar platformSettings(Platform platform) {
            return registry -> platform.settings().forEach((name, value) -> registry.add(name, () -> value));
        }

        private static final class Shared {
            static final Platform PLATFORM = start();

            private static Platform start() {
                Platform platform = Platform.startForTests();
                // Runs when the JVM ends, after the contexts are closed.
                SpringApplication.getShutdownHandlers().add(platform::close);
                DemoCampaign.seed(platform);
                return platform;
            }
        }
    }
}
