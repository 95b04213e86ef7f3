package routes.kafka;

import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Publishing from another application ({@code domain-events.publisher.*}); the service itself does not use them.
 *
 * @param brokers the brokers, separated by commas; without them there is no publisher
 * @param topic the topic
 * @param properties options of Kafka's producer, such as {@code security.protocol}; acknowledgements and idempotence are fixed
 */
@ConfigurationProperties(prefix = "domain-events.publisher", ignoreUnknownFields = false)
public record PublisherSettings(
        @DefaultValue("") String brokers,
        @DefaultValue("domain-events") String topic,
        @DefaultValue Map<String, String> properties) {}
