package routes.kafka;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.DataAccessException;
import routes.settings.InvalidSettingException;
import routes.settings.Statements;

/**
 * A ledger is of one topic: it names groups and keys, and no topics. Services of two topics in one database would do each other's work, and
 * take the events of one for what the other has done. The second is refused.
 */
@Configuration(proxyBeanMethods = false)
class LedgerTopic {

    private static final Logger LOG = LoggerFactory.getLogger(LedgerTopic.class);

    @Bean
    @DependsOnDatabaseInitialization
    InitializingBean topicOfTheLedger(Statements sql, DomainEventsSettings settings) {
        return () -> {
            try {
                String topic = sql.of("kafka/claim-topic")
                        .param("topic", settings.topic())
                        .query(String.class)
                        .single();
                if (!topic.equals(settings.topic())) {
                    throw new InvalidSettingException(
                            "domain-events.topic",
                            ("is %s, and the ledger in this database is of the topic %s: write that, or give this service a database of"
                                            + " its own. Where the topic was renamed, stop all instances and run UPDATE"
                                            + " event_routes.ledger_topic SET topic = '%s'")
                                    .formatted(settings.topic(), topic, settings.topic()));
                }
            } catch (DataAccessException e) {
                // Whether a database that is away ends the start is for Flyway to say.
                LOG.warn("Which topic the ledger is of is not known: {}", e.getMessage());
            }
        };
    }
}
