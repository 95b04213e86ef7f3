package routes.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.jdbc.BadSqlGrammarException;
import org.springframework.jdbc.UncategorizedSQLException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;
import routes.OnPlatform;
import routes.dev.Platform;

@OnPlatform
class SqlErrorsIT {

    @Autowired
    private Statements sql;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private JdbcTemplate template;

    @Autowired
    private TransactionTemplate transaction;

    @Autowired
    private Platform platform;

    @Test
    void aStatementThatFailsIsNamedByItsFileAndByWhatTheDatabaseSaid() {
        assertThatThrownBy(() -> count(sql))
                .hasMessageMatching("sql/delivery/ledger-figures.sql; ERROR: LIMIT must not be .*");
    }

    @Test
    void soIsOneOnAConnectionThatIsNotOfThePool() {
        Statements own = sql.with(
                JdbcClient.create(SqlErrors.template(platform.database().dataSource())));

        assertThatThrownBy(() -> count(own))
                .hasMessageMatching("sql/delivery/ledger-figures.sql; ERROR: LIMIT must not be .*");
    }

    private static void count(Statements sql) {
        sql.of("delivery/ledger-figures", "group", "email-workers", "limit", -1)
                .query()
                .listOfRows();
    }

    /** The driver would close its socket, and the server would go on waiting for the lock: a connection less each time. */
    @Test
    void aStatementIsEndedInTheDatabaseBeforeTheDriverLeavesItAlone() throws Exception {
        assertThat(template.getQueryTimeout()).isBetween(1, 59);
        JdbcTemplate impatient = SqlErrors.template(platform.database().dataSource());
        impatient.setQueryTimeout(1);
        transaction.executeWithoutResult(status -> {
            jdbc.sql("LOCK TABLE event_routes.mail_suppression IN ACCESS EXCLUSIVE MODE")
                    .update();

            assertThatThrownBy(() -> impatient.queryForList("SELECT 'left alone' FROM event_routes.mail_suppression"))
                    .isInstanceOf(QueryTimeoutException.class);

            assertThat(jdbc.sql("""
                            SELECT count(*) FROM pg_stat_activity
                            WHERE state = 'active' AND query LIKE 'SELECT ''left alone''%'
                            """).query(Long.class).single()).isZero();
        });
    }

    @Test
    void theDatabasesOwnViewsNameTheFile() {
        assertThat(sql.text("delivery/find-delivery")).startsWith("-- sql/delivery/find-delivery.sql\n");
    }

    @Test
    void severalInOneRoundTripAreAllNamed() {
        assertThat(translated("-- sql/one.sql\nSELECT 1;\n-- sql/two.sql\n-- says more\nSELECT 2", "57014"))
                .isInstanceOf(QueryTimeoutException.class)
                .hasMessage("sql/one.sql, sql/two.sql; ERROR: said");
    }

    @Test
    void aTableThatIsMissingIsNamedInPlaceOfTheStatement() {
        assertThat(translated("-- sql/one.sql\nSELECT 1", "42P01"))
                .isInstanceOf(BadSqlGrammarException.class)
                .hasMessageContainingAll("sql/one.sql", "ERROR: said")
                .hasMessageNotContaining("SELECT");
    }

    /** A lock that was not obtained in time, a server that only reads, what a trigger raises. */
    @ParameterizedTest
    @ValueSource(strings = {"55P03", "25006", "P0001", "0A000", "XX000"})
    void whatSpringHasNoClassForIsNamedLikeTheOthers(String state) {
        assertThat(translated("-- sql/one.sql\nSELECT 1", state))
                .isInstanceOf(UncategorizedSQLException.class)
                .hasMessageContainingAll("sql/one.sql", state, "ERROR: said")
                .hasMessageNotContaining("SELECT");
    }

    @Test
    void whatIsNotFromAFileReadsAsBefore() {
        assertThat(translated("SELECT 1", "57014")).hasMessageContainingAll("SELECT 1", "ERROR: said");
        assertThatThrownBy(() -> jdbc.sql("SELECT 1 / 0").query(Integer.class).single())
                .hasMessageContainingAll("SELECT 1 / 0", "division by zero");
    }

    private static DataAccessException translated(String statement, String state) {
        return new SqlErrors().translate("a task", statement, new SQLException("ERROR: said", state));
    }
}
