package routes.kafka;

import jakarta.validation.constraints.Pattern;
import java.time.Duration;
import org.hibernate.validator.constraints.Range;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * The topic ({@code domain-events.*}).
 *
 * @param topic its name (KAFKA_TOPIC)
 * @param partitions how many partitions it is created with when it is missing; an existing topic is left alone
 * @param replicationFactor with how many replicas it is created; -1 leaves it to the brokers
 * @param deadLetterRetention how long the dead-letter topics keep a record, when this service creates them
 */
@Validated
@ConfigurationProperties(prefix = "domain-events", ignoreUnknownFields = false)
public record DomainEventsSettings(
        @Pattern(regexp = "[a-zA-Z0-9._-]{1,200}", message = "write a topic's name: 1 to 200 letters, digits and . _ -")
        @DefaultValue("domain-events")
        String topic,

        @Range(min = 1, max = 1000) @DefaultValue("10") int partitions,

        @Range(min = -1, max = 10) @DefaultValue("-1") short replicationFactor,

        @DefaultValue("30d") Duration deadLetterRetention) {

    /** How large a dead letter may be: a record of the topic's greatest size, and what is added to it, must find room. */
    public static final int MAX_DEAD_LETTER_BYTES = 16 * 1024 * 1024;

    /** The dead-letter topic of a consumer group. */
    public String deadLetterTopic(String group) {
        return topic + "." + group + ".dlq";
    }
}
