package routes.delivery;

import com.zaxxer.hikari.HikariConfigMXBean;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.jdbc.DataSourceUnwrapper;
import org.springframework.boot.jdbc.autoconfigure.DataSourceProperties;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.retry.RetryListener;
import org.springframework.core.retry.RetryPolicy;
import org.springframework.core.retry.RetryTemplate;
import org.springframework.core.retry.Retryable;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionException;
import routes.background.Trouble;
import routes.settings.InvalidSettingException;
import routes.settings.SqlFiles;

/** The beans that the ledger needs. */
@Configuration(proxyBeanMethods = false)
class DeliveryConfiguration {

    private static final Logger LOG = LoggerFactory.getLogger(DeliveryConfiguration.class);

    /** The driver prepares a statement when it is executed for the fifth time, unless {@code prepareThreshold} says otherwise. */
    private static final int PREPARED_BY_THEN = 20;

    /** How often two connections are asked for their session. */
    private static final int ASKED = 20;

    /**
     * The database counts as down if the pool provides no connection within its time limit, even if only because all are in use; if it is
     * read-only, which makes every session of the pool useless; and if the ledger cannot be read.
     */
    @Bean
    Dependency database(Dependencies dependencies, DataSource dataSource, SqlFiles sql) {
        String readOnly = sql.read("delivery/read-only.sql");
        return dependencies.watch("database", 2, () -> {
            try (Connection connection = dataSource.getConnection();
                    Statement statement = connection.createStatement();
                    ResultSet answer = statement.executeQuery(readOnly)) {
                if (answer.next() && answer.getBoolean(1)) {
                    HikariDataSource pool =
                            DataSourceUnwrapper.unwrap(dataSource, HikariConfigMXBean.class, HikariDataSource.class);
                    if (pool != null) {
                        pool.getHikariPoolMXBean().softEvictConnections();
                    }
                    throw new SQLException("it is read-only: it is a standby, or default_transaction_read_only is on");
                }
            }
        });
    }

    /**
     * Stops the start behind a pooler that shares a session between connections, transaction by transaction, if the driver prepares
     * statements and the pooler does not keep them for each connection (PgBouncer does since 1.21, with {@code max_prepared_statements}):
     * statements would be missing from a session, and outcomes could not be written.
     */
    @Bean
    @DependsOnDatabaseInitialization // which waits for a database that is still starting
    InitializingBean sessionsThatAreShared(DataSource dataSource, DataSourceProperties settings, SqlFiles sql) {
        String backend = sql.read("delivery/backend.sql");
        return () -> {
            if (settings.determineUrl().matches(".*[?&]prepareThreshold=0(&.*)?")) {
                return;
            }
            try (Connection one = dataSource.getConnection();
                    Connection other = dataSource.getConnection()) {
                if (shareSessions(backend, one, other) && !keepsPrepared(backend, one, other)) {
                    throw new InvalidSettingException(
                            "spring.datasource.url",
                            "leads to a pooler that shares sessions, such as PgBouncer with pool_mode = transaction, where prepared"
                                    + " statements get lost: add prepareThreshold=0 to it, or use pool_mode = session, or"
                                    + " max_prepared_statements of PgBouncer 1.21 or later");
                }
            } catch (SQLException unknown) {
                // A pool of one connection, or a server that is full or down: Flyway decides whether to start.
                LOG.warn("Could not check whether a pooler shares database sessions: {}", unknown.getMessage());
            }
        };
    }

    /** Whether both can prepare statements, although both use the same names for them. */
    private static boolean keepsPrepared(String sql, Connection... connections) throws SQLException {
        for (Connection connection : connections) {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                for (int i = 0; i < PREPARED_BY_THEN; i++) {
                    statement.executeQuery().close();
                }
            } catch (SQLException e) {
                if (DatabaseErrors.isOfTheSession(e)) {
                    return false;
                }
                throw e;
            }
        }
        return true;
    }

    /**
     * Whether both have had the same session, or one of them has had several. A pooler with several sessions may give each of two
     * connections its own for a while, so it is asked more than once.
     */
    private static boolean shareSessions(String sql, Connection one, Connection other) throws SQLException {
        int first = number(one, sql);
        int second = number(other, sql);
        boolean shared = first == second;
        for (int i = 1; i < ASKED && !shared; i++) {
            shared = number(one, sql) != first || number(other, sql) != second;
        }
        return shared;
    }

    private static int number(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet answer = statement.executeQuery(sql)) {
            answer.next();
            return answer.getInt(1);
        }
    }

    /** {@code /observe/health/database}, which readiness includes: the database is reachable and writable. */
    @Bean
    HealthIndicator databaseHealthIndicator(Dependency database) {
        return () -> (database.isAway() ? Health.down() : Health.up()).build();
    }

    /**
     * Each transaction sets what it needs and leaves no trace in the session, which a pooler may give to others: each statement
     * sees what was committed before it, whatever the role's default is; and an instance that freezes in the middle holds its locks for at most 30 s.
     */
    @Bean
    JdbcTransactionManager transactionManager(DataSource dataSource, SqlFiles sql) {
        String settings = sql.read("delivery/transaction.sql");
        return new JdbcTransactionManager(dataSource) {
            @Override
            protected void prepareTransactionalConnection(Connection connection, TransactionDefinition definition)
                    throws SQLException {
                super.prepareTransactionalConnection(connection, definition);
                try (Statement statement = connection.createStatement()) {
                    statement.execute(settings);
                }
            }
        };
    }

    /**
     * Retries a write that must not be lost until it succeeds or the thread is interrupted, also while the database is down: after any error
     * that is not about the row itself, such as a revoked privilege. A worker that waits here processes nothing else, which is the right
     * pace without a database.
     */
    @Bean
    RetryTemplate untilWritten() {
        RetryTemplate untilWritten = new RetryTemplate(RetryPolicy.builder()
                // A connection that breaks during a statement also surfaces as a failed rollback.
                .includes(DataAccessException.class, TransactionException.class)
                .predicate(failure -> !DatabaseErrors.isOfTheData(failure))
                .maxRetries(Long.MAX_VALUE)
                .delay(Duration.ofMillis(100))
                .multiplier(2)
                .maxDelay(Duration.ofSeconds(5))
                .build());
        Trouble trouble = new Trouble("writing outcomes");
        untilWritten.setRetryListener(new RetryListener() {
            @Override
            public void onRetryFailure(RetryPolicy policy, Retryable<?> retryable, Throwable failure) {
                trouble.failed(failure);
            }

            @Override
            public void onRetrySuccess(RetryPolicy policy, Retryable<?> retryable, @Nullable Object result) {
                trouble.worked();
            }
        });
        return untilWritten;
    }
}
