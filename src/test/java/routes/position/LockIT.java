package routes.position;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.OnPlatform;
import routes.TestCampaign;
import routes.dev.Platform;
import routes.settings.SqlFiles;

/**
 * Why a campaign is locked by a statement of its own. A recalculation waits here for the lock while the application counts five more
 * referrals for somebody who signed up tenth.
 */
@OnPlatform
class LockIT {

    @Autowired
    private Platform platform;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private SqlFiles sql;

    private TestCampaign campaign;
    private UUID person;

    @BeforeEach
    void createACampaignWithAWrongPosition() {
        campaign = TestCampaign.create(jdbc);
        person = campaign.person();
        jdbc.sql("UPDATE waitlist_users SET position = 99 WHERE id = ?")
                .param(person)
                .update();
    }

    @AfterEach
    void delete() {
        campaign.delete();
    }

    @Test
    void inAStatementOfItsOwnTheLockShowsWhatWasCommittedDuringTheWait() throws Exception {
        waitFor(List.of(lock(), recalculation()));

        assertThat(position()).isEqualTo(10 - 5);
    }

    @Test
    void inOneStatementWithTheRecalculationTheWaiterReadsFromBeforeTheWait() throws Exception {
        String both = recalculation()
                .replace(
                        "WITH board AS MATERIALIZED (",
                        "WITH locked AS MATERIALIZED (" + lock() + "), board AS MATERIALIZED (")
                .replaceFirst("FROM waitlist_users u", "FROM locked CROSS JOIN waitlist_users u");
        waitFor(List.of(both));

        assertThat(position()).as("stale: that is why there are two").isEqualTo(10);
    }

    private void waitFor(List<String> statements) throws Exception {
        try (Connection holder = begin();
                Connection waiter = begin()) {
            execute(holder, List.of(lock()));
            int process = processOf(waiter);
            CompletableFuture<Void> recalculation = CompletableFuture.runAsync(() -> execute(waiter, statements));
            await().until(() -> isWaiting(process));

            jdbc.sql("UPDATE waitlist_users SET verified_referral_count = 5 WHERE id = ?")
                    .param(person)
                    .update();
            holder.commit();
            recalculation.join();
            waiter.commit();
        }
    }

    private Connection begin() throws SQLException {
        Connection connection = platform.database().dataSource().getConnection();
        connection.setAutoCommit(false);
        return connection;
    }

    private static void execute(Connection connection, List<String> statements) {
        try (Statement statement = connection.createStatement()) {
            for (String text : statements) {
                statement.execute(text);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static int processOf(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                var row = statement.executeQuery("SELECT pg_backend_pid()")) {
            row.next();
            return row.getInt(1);
        }
    }

    private boolean isWaiting(int process) {
        return jdbc.sql("SELECT count(*) FROM pg_locks WHERE pid = ? AND locktype = 'advisory' AND NOT granted")
                        .param(process)
                        .query(Integer.class)
                        .single()
                > 0;
    }

    private String lock() {
        return sql.read("position/lock-campaigns.sql").replace(":campaigns", "'{" + campaign.id() + "}'");
    }

    private String recalculation() {
        return """
                WITH board AS MATERIALIZED (
                    SELECT u.id, u.original_position - u.verified_referral_count AS position
                    FROM waitlist_users u
                    WHERE u.campaign_id = '%s'
                )
                UPDATE waitlist_users w SET position = board.position FROM board WHERE w.id = board.id
                """.formatted(campaign.id());
    }

    private int position() {
        return jdbc.sql("SELECT position FROM waitlist_users WHERE id = ?")
                .param(person)
                .query(Integer.class)
                .single();
    }
}
