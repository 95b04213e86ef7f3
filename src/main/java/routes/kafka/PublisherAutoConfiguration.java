package routes.kafka;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import routes.event.EventChannel;
import routes.event.EventPublisher;

/**
 * {@link EventPublisher} in another Spring Boot application that has {@code domain-event-routes-publisher.jar} and sets brokers: one Kafka
 * producer, and nothing else of this service. It starts even if brokers are unreachable; publishing fails then.
 */
@AutoConfiguration
@ConditionalOnProperty("domain-events.publisher.brokers")
@ConditionalOnMissingBean(EventPublisher.class)
@EnableConfigurationProperties(PublisherSettings.class)
public class PublisherAutoConfiguration {

    @Bean
    EventChannel domainEventsChannel(PublisherSettings settings) {
        return new ProducerChannel(settings);
    }

    @Bean
    EventPublisher eventPublisher(EventChannel domainEventsChannel) {
        return new EventPublisher(domainEventsChannel);
    }
}
