package routes.settings;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import java.time.Duration;
import java.util.Objects;
import javax.sql.DataSource;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.component.kafka.KafkaConfiguration;
import org.apache.camel.component.kafka.KafkaEndpoint;
import org.apache.camel.component.kafka.PollOnError;
import org.apache.camel.component.seda.SedaEndpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;
import routes.OnPlatform;
import routes.dev.Platform;

/** Settings reach what they are for: a prefix that no longer binds is ignored without a word. */
@OnPlatform
class SettingsIT {

    @Autowired
    private CamelContext camel;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private DataSource database;

    @Autowired
    private TransactionTemplate transaction;

    @Autowired
    private Platform platform;

    @ParameterizedTest
    @ValueSource(strings = {"email-workers", "position-workers", "reward-workers"})
    void aConsumerHasTheSettingsOfTheComponentAndWhatIsPromisedRestsOn(String group) {
        KafkaConfiguration kafka = ((KafkaEndpoint) endpoint(group)).getConfiguration();

        assertThat(kafka.getGroupId()).isEqualTo(group);
        assertThat(kafka.getBrokers()).isEqualTo(platform.kafka().brokers());
        assertThat(kafka.getMaxPollRecords()).isEqualTo(500);
        assertThat(kafka.getMaxPollIntervalMs()).isEqualTo(600_000);
        assertThat(kafka.getSessionTimeoutMs()).isEqualTo(6_000);
        assertThat(kafka.getAutoOffsetReset()).isEqualTo("earliest");
        assertThat(kafka.getPartitionAssignor()).endsWith("CooperativeStickyAssignor");
        assertThat(kafka.getGroupInstanceId())
                .as("an empty variable is not a name")
                .isNull();
        assertThat(kafka.isBatching()).isTrue();
        assertThat(kafka.isAllowManualCommit()).isTrue();
        assertThat(kafka.isAutoCommitEnable()).isFalse();
        assertThat(kafka.isBreakOnFirstError()).isTrue();
        assertThat(kafka.getPollOnError()).isEqualTo(PollOnError.STOP);
        assertThat(kafka.getConsumersCount()).isEqualTo(1);
    }

    @Test
    void aQueueHasTheSizeAndTheWorkersOfItsGroup() {
        SedaEndpoint queue = (SedaEndpoint) endpoint("email-worker");

        assertThat(queue.getQueue().remainingCapacity()).isEqualTo(1000);
        assertThat(queue.getConcurrentConsumers()).isEqualTo(10);
        assertThat(queue.isPurgeWhenStopping()).isTrue();
        assertThat(queue.getPollTimeout()).isEqualTo(200);
    }

    @Test
    void aSessionIsOneOfAPrimaryAndOutlivesNoChangeOfTheServerForLong() throws Exception {
        HikariDataSource pool = database.unwrap(HikariDataSource.class);

        assertThat(pool.getDataSourceProperties()).containsEntry("targetServerType", "primary");
        assertThat(Duration.ofMillis(pool.getMaxLifetime())).isEqualTo(Duration.ofMinutes(10));
    }

    @Test
    void aTransactionInWhichNothingHappensEndsByItself() {
        assertThat(transaction.<String>execute(status -> jdbc.sql("SHOW idle_in_transaction_session_timeout")
                        .query(String.class)
                        .single()))
                .isEqualTo("30s");
        assertThat(jdbc.sql("SHOW idle_in_transaction_session_timeout")
                        .query(String.class)
                        .single())
                .as("a pooler may give the session to others")
                .isEqualTo("0");
    }

    private Endpoint endpoint(String route) {
        return Objects.requireNonNull(camel.getRoute(route)).getEndpoint();
    }
}
