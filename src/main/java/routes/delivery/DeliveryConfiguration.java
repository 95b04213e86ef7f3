package routes.delivery;

import java.time.Duration;
import javax.sql.DataSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.retry.RetryPolicy;
import org.springframework.core.retry.RetryTemplate;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.BadSqlGrammarException;
import org.springframework.transaction.TransactionException;

/** What the ledger is made of. */
@Configuration(proxyBeanMethods = false)
class DeliveryConfiguration {

    /** Away is a database of which no connection is to be had, within the pool's own time limit; also when all are in use for so long. */
    @Bean
    Dependency database(Dependencies dependencies, DataSource dataSource) {
        return dependencies.watch(
                "database", 2, () -> dataSource.getConnection().close());
    }

    /**
     * Writes what must not be forgotten while the database is away: again and again, until it is written or the thread is
     * interrupted. A worker that waits here carries out nothing else, which is the right pace without a database.
     */
    @Bean
    RetryTemplate untilWritten() {
        return new RetryTemplate(RetryPolicy.builder()
                // A connection that breaks under a statement comes as a failed rollback, too.
                .includes(DataAccessException.class, TransactionException.class)
                .excludes(BadSqlGrammarException.class, DataIntegrityViolationException.class)
                .maxRetries(Long.MAX_VALUE)
                .delay(Duration.ofMillis(100))
                .multiplier(2)
                .maxDelay(Duration.ofSeconds(5))
                .build());
    }
}
