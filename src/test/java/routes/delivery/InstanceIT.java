package routes.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.OnPlatform;
import routes.dev.DatabaseServer;
import routes.dev.Platform;
import routes.settings.Statements;

/** Two instances, one of which has no connection left for its workers. */
@OnPlatform
class InstanceIT {

    /** Longer than the interval of the service that runs beside the test, or that would look dead. */
    private static final Duration TIMEOUT = Duration.ofSeconds(3);

    private final UUID delivery = UUID.randomUUID();

    @Autowired
    private Platform platform;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private Statements sql;

    private HikariDataSource pool;
    private HikariDataSource othersPool;
    private Instance one;
    private Instance other;

    @BeforeEach
    void start() {
        pool = pool();
        othersPool = pool();
        one = instance(pool);
        other = instance(othersPool);
        lease(delivery, one.id());
    }

    @AfterEach
    void end() {
        one.stop();
        other.stop();
        one.destroy();
        other.destroy();
        pool.close();
        othersPool.close();
        jdbc.sql("DELETE FROM event_routes.delivery WHERE id = ?")
                .param(delivery)
                .update();
    }

    /** Its workers wait for locks of the application, each with a connection; another instance must not begin their deliveries. */
    @Test
    void whoseWorkersUseUpThePoolStillSaysThatItLivesAndKeepsWhatItHolds() throws Exception {
        Set<String> heartbeats = new HashSet<>();

        try (Connection all = pool.getConnection()) {
            assertThat(all.isValid(1)).isTrue();
            await().during(TIMEOUT.multipliedBy(2)).until(() -> {
                heartbeats.add(heartbeat(one.id()));
                return isLeasedTo(one.id());
            });
        }

        assertThat(heartbeats).hasSizeGreaterThan(5);
    }

    @Test
    void whatOneHeldThatIsGoneIsDueAgain() {
        one.destroy(); // its connection, as when the process ends

        await().until(() -> !isLeasedTo(one.id()));
    }

    /** While a snapshot of the database is open, a rescue may take longer than others wait for a heartbeat. */
    @Test
    void aHeartbeatDoesNotWaitForARescue() throws Exception {
        try (Connection holder = platform.database().dataSource().getConnection();
                Statement lock = holder.createStatement()) {
            holder.setAutoCommit(false);
            lock.execute("LOCK TABLE event_routes.delivery IN SHARE MODE");
            one.destroy();
            await().until(this::someoneWaitsForTheTable);
            Set<String> heartbeats = new HashSet<>();
            await().during(TIMEOUT).until(() -> {
                heartbeats.add(heartbeat(other.id()));
                return isLeasedTo(one.id());
            });
            assertThat(heartbeats).hasSizeGreaterThan(3);
            holder.rollback();
        }

        await().until(() -> !isLeasedTo(one.id()));
    }

    private boolean someoneWaitsForTheTable() {
        return jdbc.sql(
                        "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%delivery/rescue%'")
                .query(Boolean.class)
                .single();
    }

    @Test
    void whatOneHeldThatStopsIsDueAtOnceAndWhatTheOtherHoldsIsNot() {
        UUID others = UUID.randomUUID();
        lease(others, other.id());

        one.stop();

        assertThat(jdbc.sql(
                                "SELECT id FROM event_routes.delivery WHERE status = 'due' AND due_at <= now() AND id IN (?, ?)")
                        .params(delivery, others)
                        .query(UUID.class)
                        .list())
                .containsExactly(delivery);
        jdbc.sql("DELETE FROM event_routes.delivery WHERE id = ?").param(others).update();
    }

    /** They purge its rows, too. */
    @Test
    void itSaysHowLongItKeepsWhatIsDone() {
        assertThat(jdbc.sql("SELECT purge_after = interval '91 days' FROM event_routes.instance WHERE id = ?")
                        .param(one.id())
                        .query(Boolean.class)
                        .single())
                .isTrue();
    }

    private void lease(UUID id, UUID owner) {
        jdbc.sql("""
                        INSERT INTO event_routes.delivery (id, consumer_group, idempotency_key, event_id, event_type,
                            campaign_id, event, status, lease_owner)
                        VALUES (:id, 'instance-test', :id, 'e', 't', 'c', '{}', 'leased', :owner)
                        """).param("id", id).param("owner", owner).update();
    }

    private HikariDataSource pool() {
        HikariDataSource its = new HikariDataSource();
        its.setMaximumPoolSize(1);
        its.setConnectionTimeout(250);
        its.setJdbcUrl(platform.database().url());
        its.setUsername(DatabaseServer.NAME);
        its.setPassword(DatabaseServer.NAME);
        return its;
    }

    private Instance instance(HikariDataSource its) {
        DeliverySettings settings = mock(DeliverySettings.class);
        when(settings.heartbeatInterval()).thenReturn(Duration.ofMillis(100));
        when(settings.heartbeatTimeout()).thenReturn(TIMEOUT);
        when(settings.purgeAfter()).thenReturn(Duration.ofDays(91));
        Instance instance = new Instance(its, sql.with(JdbcClient.create(its)), settings);
        instance.start();
        return instance;
    }

    private String heartbeat(UUID instance) {
        return jdbc.sql("SELECT CAST(seen_at AS text) FROM event_routes.instance WHERE id = ?")
                .param(instance)
                .query(String.class)
                .single();
    }

    private boolean isLeasedTo(UUID instance) {
        return jdbc.sql("SELECT status = 'leased' AND lease_owner = :owner FROM event_routes.delivery WHERE id = :id")
                .param("owner", instance)
                .param("id", delivery)
                .query(Boolean.class)
                .single();
    }
}
