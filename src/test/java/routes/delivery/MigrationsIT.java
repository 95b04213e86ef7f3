package routes.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.OnPlatform;
import routes.dev.DatabaseServer;
import routes.dev.Platform;
import routes.settings.SqlFiles;

/** An upgrade of a large ledger in use, by a role whose statements may take half a second; in a separate schema. */
@OnPlatform
class MigrationsIT {

    private static final String SCHEMA = "migrations_it";

    @Autowired
    private Platform platform;

    @Autowired
    private SqlFiles sql;

    private DataSource unlimited;
    private JdbcClient jdbc;
    private HikariDataSource pool;
    private Migrations migrations;

    @BeforeEach
    void prepare() {
        unlimited = platform.database().dataSource();
        jdbc = JdbcClient.create(unlimited);
        pool = new HikariDataSource();
        pool.setMaximumPoolSize(3);
        pool.setJdbcUrl(platform.database().url());
        pool.setUsername(DatabaseServer.NAME);
        pool.setPassword(DatabaseServer.NAME);
        pool.addDataSourceProperty("options", "-c statement_timeout=2s");
        pool.addDataSourceProperty("socketTimeout", 4);
        migrations = new Migrations(sql);
    }

    @AfterEach
    void cleanUp() {
        pool.close();
        jdbc.sql("DROP SCHEMA IF EXISTS %s CASCADE".formatted(SCHEMA)).update();
    }

    @Test
    void aMigrationMayTakeLongerThanAnyOtherStatement() {
        migrateTo("23");
        jdbc.sql("""
                        INSERT INTO migrations_it.delivery
                            (consumer_group, idempotency_key, event_id, event_type, campaign_id, event, status, reason)
                        VALUES ('g', 'k', 'e', 't', 'c', '{}', 'skipped', 'cancelled by ann: a test');
                        CREATE FUNCTION migrations_it.as_large() RETURNS trigger LANGUAGE plpgsql AS
                            'BEGIN PERFORM pg_sleep(5); RETURN new; END';
                        CREATE TRIGGER as_large BEFORE UPDATE ON migrations_it.delivery
                            FOR EACH ROW EXECUTE FUNCTION migrations_it.as_large()
                        """).update();

        migrateTo("24");

        assertThat(jdbc.sql("SELECT cancelled_at IS NOT NULL FROM migrations_it.delivery")
                        .query(Boolean.class)
                        .single())
                .isTrue();
        assertThatTheLimitsAreBack();
    }

    @Test
    void aMigrationThatHasToWaitLetsOthersPassAndIsTriedAgain() throws Exception {
        migrateTo("29");
        CompletableFuture<Void> migration;
        try (Connection application = unlimited.getConnection()) {
            application.setAutoCommit(false);
            record(application, "one");
            migration = CompletableFuture.runAsync(() -> migrateTo("30"));
            await().until(this::someoneWaits);

            try (Connection other = unlimited.getConnection()) {
                record(other, "other"); // behind the migration, which gives way
            }
            assertThat(migration).isNotDone();
            application.commit();
        }

        assertThat(migration).succeedsWithin(Duration.ofMinutes(2));
        assertThat(jdbc.sql("SELECT to_regclass('migrations_it.untold_outcome') IS NOT NULL")
                        .query(Boolean.class)
                        .single())
                .isTrue();
        assertThatTheLimitsAreBack();
    }

    @Test
    void aMigrationThatWaitsForAnInstanceThatWaitsForItIsTriedAgain() throws Exception {
        migrateTo("42");
        CompletableFuture<Void> migration;
        try (Connection instance = unlimited.getConnection()) {
            instance.setAutoCommit(false);
            record(instance, "one");
            migration = CompletableFuture.runAsync(() -> migrateTo("43"));
            await().pollInterval(Duration.ofMillis(20)).until(this::someoneWaits);

            try (Statement statement = instance.createStatement()) { // of the table that the migration has locked first
                statement.execute("INSERT INTO migrations_it.delivery_attempt (delivery_id, attempt)"
                        + " SELECT id, 1 FROM migrations_it.delivery");
            }
            instance.commit();
        }

        assertThat(migration).succeedsWithin(Duration.ofMinutes(2));
        assertThatTheLimitsAreBack();
    }

    @Test
    void aSuppressionForACampaignInUpperCaseCountsForTheCampaign() {
        migrateTo("47");
        jdbc.sql("""
                        INSERT INTO migrations_it.mail_suppression (address, campaign_id, cause, reason, until) VALUES
                            ('ann', 'C1A0C0DE-0000-4000-8000-000000000001', 'unsubscribe', 'upper', 'infinity'),
                            ('ann', 'C1a0c0de-0000-4000-8000-000000000001', 'unsubscribe', 'mixed', '2030-01-01'),
                            ('ann', 'Spring', 'unsubscribe', 'a name', 'infinity'),
                            ('bob', 'C1A0C0DE-0000-4000-8000-000000000001', 'manual', 'upper', 'infinity'),
                            ('bob', 'c1a0c0de-0000-4000-8000-000000000001', 'manual', 'lower', '2030-01-01'),
                            ('cid', '', 'manual', 'of all', 'infinity')
                        """).update();

        migrateTo("48");

        assertThat(jdbc.sql("""
                        SELECT concat_ws('|', address, campaign_id, reason, until) FROM migrations_it.mail_suppression
                        """).query(String.class).list())
                .containsExactlyInAnyOrder(
                        "ann|c1a0c0de-0000-4000-8000-000000000001|upper|infinity",
                        "ann|Spring|a name|infinity",
                        "bob|c1a0c0de-0000-4000-8000-000000000001|lower|infinity",
                        "cid||of all|infinity");
    }

    private void migrateTo(String version) {
        migrations.migrate(Flyway.configure()
                .dataSource(pool)
                .schemas(SCHEMA)
                .defaultSchema(SCHEMA)
                .callbacks(migrations)
                .target(version)
                .load());
    }

    private static void record(Connection connection, String key) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("""
                    INSERT INTO migrations_it.delivery
                        (consumer_group, idempotency_key, event_id, event_type, campaign_id, event, status)
                    VALUES ('g', '%s', 'e', 't', 'c', '{}', 'delivered')
                    """.formatted(key));
        }
    }

    private boolean someoneWaits() {
        return jdbc.sql("""
                        SELECT EXISTS (SELECT FROM pg_locks
                                       WHERE relation = CAST('migrations_it.delivery' AS regclass) AND NOT granted)
                        """).query(Boolean.class).single();
    }

    private void assertThatTheLimitsAreBack() {
        JdbcClient pooled = JdbcClient.create(pool);
        assertThat(pooled.sql("SHOW statement_timeout").query(String.class).single())
                .isEqualTo("2s");
        assertThat(pooled.sql("SHOW lock_timeout").query(String.class).single()).isEqualTo("0");
    }
}
