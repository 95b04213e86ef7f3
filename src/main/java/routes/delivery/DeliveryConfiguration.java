package routes.delivery;

import java.time.Duration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.retry.RetryPolicy;
import org.springframework.core.retry.RetryTemplate;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.transaction.CannotCreateTransactionException;

/** What the ledger is made of. */
@Configuration(proxyBeanMethods = false)
class DeliveryConfiguration {

    /**
     * Writes what must not be forgotten while the database is away: again and again, until it is written or the thread is
     * interrupted. A worker that waits here carries out nothing else, which is the right pace without a database.
     */
    @Bean
    RetryTemplate untilWritten() {
        return new RetryTemplate(RetryPolicy.builder()
                .includes(
                        DataAccessResourceFailureException.class,
                        TransientDataAccessException.class,
                        CannotCreateTransactionException.class)
                .maxRetries(Long.MAX_VALUE)
                .delay(Duration.ofMillis(100))
                .multiplier(2)
                .maxDelay(Duration.ofSeconds(5))
                .build());
    }
}
