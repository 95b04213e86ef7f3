package routes.delivery;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import javax.sql.DataSource;
import org.apache.camel.Component;
import org.apache.camel.Exchange;
import org.apache.camel.component.seda.BlockingQueueFactory;
import org.apache.camel.component.seda.SedaComponent;
import org.apache.camel.spi.ComponentCustomizer;
import org.springframework.beans.factory.ObjectProvider;
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

    /** The queues of the workers, whose number can be changed. */
    @Bean("seda-component")
    SedaComponent workerPools(ObjectProvider<HandOver> handOver) {
        return new WorkerPool.Pools(group -> handOver.getObject().giveBack(group));
    }

    /** The queues of the workers are {@linkplain FairQueue fair ones}. */
    @Bean
    ComponentCustomizer fairQueues() {
        return new ComponentCustomizer() {
            @Override
            public boolean isEnabled(String name, Component target) {
                return target instanceof SedaComponent;
            }

            @Override
            public void configure(String name, Component target) {
                SedaComponent seda = (SedaComponent) target;
                seda.setDefaultQueueFactory(new BlockingQueueFactory<>() {
                    @Override
                    public BlockingQueue<Exchange> create() {
                        return create(seda.getQueueSize());
                    }

                    @Override
                    public BlockingQueue<Exchange> create(int capacity) {
                        return new FairQueue(capacity);
                    }
                });
            }
        };
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
