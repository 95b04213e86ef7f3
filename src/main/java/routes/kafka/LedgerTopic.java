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
 * A ledger belongs to one topic: its rows name groups and keys, but no topics. Services of two topics in one database would do each other's
 * work, and take new events for duplicates. The second is refused.
 */
@Configuration(proxyBeanMethods = false)
class LedgerTopic {

    private static final Logger LOG = LoggerFactory.getLogger(LedgerTopic.class);

    @Bean
    @DependsOnDatabaseInitialization
    InitializingBean topicOfTheLedger(Statements sql, DomainEventsSettings settings) {
        return () -> {
            try {
                String topic = sql.of("kafka/claim-topic", "topic", settings.topic())
                        .query(String.class)
                        .single();
                if (!topic.equals(settings.topic())) {
                    throw new InvalidSettingException(
                            "domain-events.topic",
                            ("is %s, but the ledger in this database belongs to the topic %s: write that, or give this service its own"
                                            + " database. If the topic was renamed, stop all instances and run UPDATE"
                                            + " event_routes.ledger_topic SET topic = '%s'")
                                    .formatted(settings.topic(), topic, settings.topic()));
                }
            } catch (DataAccessException e) {
                // Flyway decides whether a database that is down stops the start.
                LOG.warn("Could not check which topic the ledger belongs to: {}", e.getMessage());
            }
        };
    }
}
