package routes.kafka;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.camel.component.kafka.DefaultKafkaClientFactory;
import org.apache.camel.component.kafka.KafkaClientFactory;
import org.apache.camel.component.kafka.KafkaComponent;
import org.apache.camel.component.kafka.KafkaConfiguration;
import org.apache.camel.component.kafka.PollOnError;
import org.apache.camel.spi.ComponentCustomizer;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.GroupProtocol;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
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
 * The options of Camel's Kafka component that this service's guarantees depend on. They are code, not settings: with any other
 * value, records are lost or repeated forever. All other options are set as {@code camel.component.kafka.*}.
 */
@Configuration(proxyBeanMethods = false)
class KafkaGuarantees {

    private static final String COMPONENT = "camel.component.kafka.";

    private static final String START = COMPONENT + "auto-offset-reset";

    private static final String BROKERS = COMPONENT + "brokers";

    private static final String PASSED_THROUGH = COMPONENT + "additional-properties[%s]";

    /**
     * How long publishing may wait for brokers. A relay waits in a transaction that PostgreSQL ends after a minute (outbox/lock.sql,
     * delivery/lock-outcome-events.sql): by then its records must have expired, or they come after those of the next relay.
     */
    private static final long MAX_WAIT_MILLIS = 50_000;

    private static final Pattern ADDRESS = Pattern.compile("\\s*\\S+:\\d{1,5}\\s*");

    private static final Pattern MILLIS = Pattern.compile("\\d{1,18}");

    private static final List<String> FIXED = List.of(
            "pre-validate-host-and-port",
            "batching",
            "allow-manual-commit",
            "auto-commit-enable",
            "isolation-level",
            "break-on-first-error",
            "poll-on-error",
            "poll-exception-strategy",
            "kafka-client-factory",
            "create-consumer-backoff-max-attempts",
            "create-consumer-backoff-interval",
            "kafka-manual-commit-factory",
            "seek-to",
            "offset-repository",
            "topic-is-pattern",
            "key-deserializer",
            "value-deserializer",
            "key-serializer",
            "value-serializer",
            "request-required-acks",
            "enable-idempotence",
            "record-metadata",
            "batch-with-individual-headers",
            "header-filter-strategy");

    private static final List<String> PROTOCOL = List.of("group-protocol", "additional-properties[group.protocol]");

    /** What the brokers decide with {@link GroupProtocol#CONSUMER}, where Kafka's client refuses it, and their setting for it. */
    private static final Map<String, String> OF_THE_BROKERS = Map.of(
            "session-timeout-ms", "group.consumer.session.timeout.ms",
            "additional-properties[session.timeout.ms]", "group.consumer.session.timeout.ms",
            "heartbeat-interval-ms", "group.consumer.heartbeat.interval.ms",
            "additional-properties[heartbeat.interval.ms]", "group.consumer.heartbeat.interval.ms",
            "partition-assignor", "group.consumer.assignors",
            "additional-properties[partition.assignment.strategy]", "group.consumer.assignors");

    @Bean
    ComponentCustomizer kafkaGuaranteesCustomizer(Environment environment, DomainEventsSettings settings) {
        List<InvalidSettingException> refused = new ArrayList<>(fixed(environment));
        if (settings.groupProtocol() == GroupProtocol.CONSUMER) {
            OF_THE_BROKERS.forEach((option, instead) ->
                    ofTheBrokers(environment, COMPONENT + option, instead).ifPresent(refused::add));
        }
        InvalidSettingException.throwAll(refused.stream());
        return ComponentCustomizer.builder(KafkaComponent.class)
                .withOrder(Ordered.LOWEST_PRECEDENCE)
                .build(component -> {
                    guarantee(component);
                    // With consumer, Camel leaves out what the brokers decide. It compares in lower case.
                    component
                            .getConfiguration()
                            .setGroupProtocol(settings.groupProtocol().name().toLowerCase(Locale.ROOT));
                });
    }

    /** What is wrong with a value that comes from anywhere but the application.yaml of this service. */
    private static Optional<InvalidSettingException> ofTheBrokers(Environment environment, String key, String instead) {
        ConfigurationPropertyName name = ConfigurationPropertyName.of(key);
        for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
            ConfigurationProperty property = source.getConfigurationProperty(name);
            if (property != null
                    && !String.valueOf(property.getOrigin()).startsWith("class path resource [application.yaml]")) {
                return Optional.of(new InvalidSettingException(
                        key,
                        "is decided by the brokers with KAFKA_GROUP_PROTOCOL=consumer: remove the setting, and set %s there"
                                .formatted(instead)));
            }
        }
        return Optional.empty();
    }

    private static List<InvalidSettingException> fixed(Environment environment) {
        List<InvalidSettingException> refused = new ArrayList<>();
        for (String option : FIXED) {
            if (environment.containsProperty(COMPONENT + option)) {
                refused.add(new InvalidSettingException(
                        COMPONENT + option,
                        "is fixed, because the guarantees of this service depend on it: remove the setting"));
            }
        }
        for (String option : PROTOCOL) {
            if (environment.containsProperty(COMPONENT + option)) {
                refused.add(new InvalidSettingException(
                        COMPONENT + option,
                        "has a setting of its own: write KAFKA_GROUP_PROTOCOL=classic or consumer"));
            }
        }
        String brokers = environment.getProperty(BROKERS);
        if (brokers != null && !Stream.of(brokers.split(",")).allMatch(ADDRESS.asMatchPredicate())) {
            refused.add(new InvalidSettingException(
                    BROKERS, "is \"%s\": write host:port of each broker, separated by commas".formatted(brokers)));
        }
        String start = environment.getProperty(START, "earliest");
        if (!start.equals("earliest") && !start.equals("latest")) {
            refused.add(new InvalidSettingException(
                    START, "is %s: write earliest or latest, the offset where a new group starts".formatted(start)));
        }
        long block = millis(environment, "max-block-ms", ProducerConfig.MAX_BLOCK_MS_CONFIG, 10_000);
        long delivery = millis(environment, "delivery-timeout-ms", ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 30_000);
        if (block + delivery > MAX_WAIT_MILLIS) {
            refused.add(new InvalidSettingException(
                    COMPONENT + "delivery-timeout-ms",
                    "is %d, and max-block-ms is %d: write values of at most %d together, so that the outbox's transaction outlasts them"
                            .formatted(delivery, block, MAX_WAIT_MILLIS)));
        }
        return refused;
    }

    /** A time of the producer, which may be passed through to it. Text with other characters than digits is refused where it is used. */
    private static long millis(Environment environment, String option, String property, long otherwise) {
        String text = environment.getProperty(
                PASSED_THROUGH.formatted(property), environment.getProperty(COMPONENT + option, ""));
        return MILLIS.matcher(text).matches() ? Long.parseLong(text) : otherwise;
    }

    static void guarantee(KafkaComponent component) {
        // ConsumerThreads creates the next consumer.
        component.setCreateConsumerBackoffMaxAttempts(1);
        component.setCreateConsumerBackoffInterval(1);
        guarantee(component.getConfiguration());
    }

    private static void guarantee(KafkaConfiguration kafka) {
        // The route commits a batch when its work is durable. A failed batch is read again: with automatic commits,
        // the next good batch would commit past it.
        kafka.setBatching(true);
        kafka.setAutoCommitEnable(false);
        kafka.setAllowManualCommit(true);
        kafka.setBreakOnFirstError(true);
        // ConsumerThreads creates a new consumer after any failure. Camel's own ways give up after a failed login,
        // retry without a pause, or drop the records of a batch that was still filling.
        kafka.setPollOnError(PollOnError.STOP);
        // A name that cannot be resolved for a moment would end the start. ConsumerThreads asks for it again.
        kafka.setPreValidateHostAndPort(false);
        // Bytes: a failing deserializer would fail at the same record forever.
        kafka.setKeyDeserializer(ByteArrayDeserializer.class.getName());
        kafka.setValueDeserializer(ByteArrayDeserializer.class.getName());
        kafka.setKeySerializer(ByteArraySerializer.class.getName());
        kafka.setValueSerializer(ByteArraySerializer.class.getName());
        // A publisher can rely on an acknowledgement, and a retry of the client writes no event twice.
        kafka.setRequestRequiredAcks("all");
        kafka.setEnableIdempotence(true);
        kafka.setRecordMetadata(true);
        // Otherwise a list of messages is written without their headers.
        kafka.setBatchWithIndividualHeaders(true);
        kafka.setHeaderFilterStrategy(new EventHeaderFilter());
    }

    /**
     * The properties of Kafka's own client that the guarantees depend on. They override all settings, including those that
     * {@code camel.component.kafka.additional-properties} passes through.
     */
    static Properties ofConsumer(Properties properties) {
        Properties own = quiet(properties);
        // Records of aborted transactions never happened, and those of open ones have not happened yet.
        own.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        own.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        // Without a valid offset, this service decides where to start, and logs it.
        own.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        // Consumers must not make a broker create the topic before this service does, with the configured partitions.
        own.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
        return own;
    }

    /** The same for producers. */
    static Properties ofProducer(Properties properties) {
        Properties own = quiet(properties);
        own.put(ProducerConfig.ACKS_CONFIG, "all");
        own.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true");
        return own;
    }

    /**
     * The same for any client. The useful ones of its hundred metrics are this service's: unless a setting says otherwise, it neither
     * registers all of them in JMX nor offers them to the brokers (KIP-714).
     */
    static Properties quiet(Properties properties) {
        Properties own = new Properties();
        own.put(CommonClientConfigs.METRIC_REPORTER_CLASSES_CONFIG, "");
        own.put(CommonClientConfigs.ENABLE_METRICS_PUSH_CONFIG, "false");
        own.putAll(properties);
        return own;
    }

    /**
     * Consumers that never skip records silently, as Camel's would, and return only what their group handles; and producers with
     * metrics.
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
                } catch (Throwable thrown) { // a failed login, an unreadable certificate, a missing class
                    GroupConsumer.pause(trouble.failed(thrown));
                    throw new KafkaException("Could not create the consumer of %s".formatted(group.name()), thrown);
                }
            }
        };
    }
}
