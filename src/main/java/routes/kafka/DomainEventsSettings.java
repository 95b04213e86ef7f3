package routes.kafka;

import jakarta.validation.constraints.Pattern;
import java.time.Duration;
import org.apache.kafka.clients.consumer.GroupProtocol;
import org.hibernate.validator.constraints.Range;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * The topic ({@code domain-events.*}).
 *
 * @param topic its name (KAFKA_TOPIC)
 * @param partitions how many partitions it is created with if it is missing; an existing topic is left alone
 * @param replicationFactor how many replicas it is created with; -1 leaves that to the brokers
 * @param deadLetterRetention how long dead-letter topics that this service creates keep a record
 * @param groupProtocol how the instances of each consumer group share the partitions (KAFKA_GROUP_PROTOCOL): among themselves, or by what
 *     the brokers decide (KIP-848), which have to be of Kafka 4.0 or later
 */
@Validated
@ConfigurationProperties(prefix = "domain-events", ignoreUnknownFields = false)
public record DomainEventsSettings(
        @Pattern(regexp = "[a-zA-Z0-9._-]{1,200}", message = "write a topic's name: 1 to 200 letters, digits and . _ -")
        @DefaultValue("domain-events")
        String topic,

        @Range(min = 1, max = 1000) @DefaultValue("10") int partitions,

        @Range(min = -1, max = 10) @DefaultValue("-1") short replicationFactor,

        @DurationMin(hours = 1, message = "write a duration from 1h to 3650d, such as 30d")
        @DurationMax(days = 3650, message = "write a duration from 1h to 3650d, such as 30d")
        @DefaultValue("30d")
        Duration deadLetterRetention,

        @DefaultValue("classic") GroupProtocol groupProtocol) {

    /** How large a dead letter may be: it must hold a record of the topic's maximum size and the headers added to it. */
    public static final int MAX_DEAD_LETTER_BYTES = 16 * 1024 * 1024;

    /** The dead-letter topic of a consumer group. */
    public String deadLetterTopic(String group) {
        return topic + "." + group + ".dlq";
    }
}
