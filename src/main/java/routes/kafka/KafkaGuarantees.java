package routes.kafka;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Properties;
import org.apache.camel.component.kafka.DefaultKafkaClientFactory;
import org.apache.camel.component.kafka.KafkaClientFactory;
import org.apache.camel.component.kafka.KafkaComponent;
import org.apache.camel.component.kafka.KafkaConfiguration;
import org.apache.camel.component.kafka.PollOnError;
import org.apache.camel.spi.ComponentCustomizer;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;
import routes.background.Trouble;
import routes.delivery.ConsumerGroup;
import routes.delivery.ConsumerGroups;
import routes.event.EventReader;
import routes.settings.InvalidSettingException;
import routes.worker.Backpressure;

/**
 * The options of Camel's Kafka component on which the promises of this service rest. They are code and no settings: with
 * any of them otherwise, records are lost or repeated for ever. All other options are set as {@code camel.component.kafka.*}.
 */
@Configuration(proxyBeanMethods = false)
class KafkaGuarantees {

    private static final String START = "camel.component.kafka.auto-offset-reset";

    private static final List<String> FIXED = List.of(
            "batching",
            "allow-manual-commit",
            "auto-commit-enable",
            "isolation-level",
            "break-on-first-error",
            "poll-on-error",
            "create-consumer-backoff-max-attempts",
            "create-consumer-backoff-interval",
            "kafka-manual-commit-factory",
            "key-deserializer",
            "value-deserializer",
            "key-serializer",
            "value-serializer",
            "request-required-acks",
            "enable-idempotence",
            "record-metadata",
            "batch-with-individual-headers",
            "header-filter-strategy",
            "group-protocol");

    @Bean
    ComponentCustomizer kafkaGuaranteesCustomizer(Environment environment) {
        refuseFixed(environment);
        return ComponentCustomizer.builder(KafkaComponent.class)
                .withOrder(Ordered.LOWEST_PRECEDENCE)
                .build(component -> guarantee(component));
    }

    private static void refuseFixed(Environment environment) {
        for (String option : FIXED) {
            if (environment.containsProperty("camel.component.kafka." + option)) {
                throw new InvalidSettingException(
                        "camel.component.kafka." + option,
                        "is fixed by this service, which would lose events otherwise: remove the setting");
            }
        }
        String start = environment.getProperty(START, "earliest");
        if (!start.equals("earliest") && !start.equals("latest")) {
            throw new InvalidSettingException(
                    START, "is %s: write earliest or latest, where a group starts that is new".formatted(start));
        }
    }

    static void guarantee(KafkaComponent component) {
        // ConsumerThreads makes the next one.
        component.setCreateConsumerBackoffMaxAttempts(1);
        component.setCreateConsumerBackoffInterval(1);
        guarantee(component.getConfiguration());
    }

    private static void guarantee(KafkaConfiguration kafka) {
        // A batch is committed by the route, when its work is durable. One that fails is read again: with automatic
        // commits the next good batch would commit past it.
        kafka.setBatching(true);
        kafka.setAutoCommitEnable(false);
        kafka.setAllowManualCommit(true);
        kafka.setBreakOnFirstError(true);
        // ConsumerThreads makes a new consumer, after whatever it was. Camel's ways to go on give up at a failed login,
        // try again
        // without a pause, or drop the records of a batch that was still filling.
        kafka.setPollOnError(PollOnError.STOP);
        // Bytes: a deserializer that fails would fail at the same record for ever.
        kafka.setKeyDeserializer(ByteArrayDeserializer.class.getName());
        kafka.setValueDeserializer(ByteArrayDeserializer.class.getName());
        kafka.setKeySerializer(ByteArraySerializer.class.getName());
        kafka.setValueSerializer(ByteArraySerializer.class.getName());
        // A publisher that was told "written" can rely on it, and a retry of the client writes no event twice.
        kafka.setRequestRequiredAcks("all");
        kafka.setEnableIdempotence(true);
        kafka.setRecordMetadata(true);
        // Or a list of messages is written without the headers of any.
        kafka.setBatchWithIndividualHeaders(true);
        kafka.setHeaderFilterStrategy(new EventHeaderFilter());
    }

    /**
     * The properties of Kafka's own client on which the promises rest, whatever else was set, by whatever name: also those that
     * {@code camel.component.kafka.additional-properties} pass by.
     */
    static Properties ofConsumer(Properties properties) {
        Properties own = new Properties();
        own.putAll(properties);
        // What a transaction has taken back never happened, and what one has left open has not happened yet.
        own.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        own.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        // Where there is no offset, or none that is valid, is for this service to decide, and to tell of.
        own.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        // Consumers must not make a broker create the topic before this service has, with the partitions it is to have.
        own.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
        return own;
    }

    /** The same for producers. */
    static Properties ofProducer(Properties properties) {
        Properties own = new Properties();
        own.putAll(properties);
        own.put(ProducerConfig.ACKS_CONFIG, "all");
        own.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true");
        return own;
    }

    /**
     * Consumers that never jump over records in silence, where Camel's would, and give out what their group handles; and producers
     * that are measured.
     */
    @Bean
    KafkaClientFactory kafkaClientFactory(
            Backpressure intake,
            ConsumerGroups groups,
            EventReader reader,
            ConsumerMetrics live,
            ProducerMetrics producers,
            MeterRegistry metrics) {
        return new DefaultKafkaClientFactory() {
            @Override
            @SuppressWarnings("rawtypes")
            public Producer getProducer(Properties properties) {
                return producers.open(properties, "publishing");
            }

            @Override
            @SuppressWarnings("rawtypes")
            public Consumer getConsumer(Properties properties) {
                ConsumerGroup group = groups.get(properties.getProperty(ConsumerConfig.GROUP_ID_CONFIG));
                Trouble trouble = live.trouble(group.name());
                try {
                    return live.add(EventConsumer.create(
                            properties,
                            intake::isHeld,
                            new UnhandledTypeFilter(group, reader, metrics),
                            trouble,
                            metrics));
                } catch (
                        Throwable
                                thrown) { // a login that is made here, a certificate that cannot be read, a class that
                    // is missing
                    GroupConsumer.pause(trouble.failed(thrown));
                    throw new KafkaException("The consumer of %s could not be made".formatted(group.name()), thrown);
                }
            }
        };
    }
}
