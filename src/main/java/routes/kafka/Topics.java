package routes.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.component.kafka.KafkaComponent;
import org.apache.camel.component.kafka.KafkaConfiguration;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.springframework.stereotype.Component;
import routes.background.Trouble;
import routes.delivery.ConsumerGroup;
import routes.delivery.ConsumerGroups;
import routes.delivery.DeliverySettings;

/**
 * Creates the topic, that of outcomes, and the groups' dead-letter topics if they are missing. Existing topics are left alone. Brokers that do
 * not answer do not delay the start: it retries in the background until they do.
 */
@Component
public class Topics implements CamelContextConfiguration {

    private static final Logger LOG = LoggerFactory.getLogger(Topics.class);
    private static final Duration PAUSE = Duration.ofSeconds(2);
    private static final int TIMEOUT_MILLIS = 5_000;

    private final ConsumerGroups groups;
    private final DomainEventsSettings settings;
    private final DeliverySettings deliveries;
    private final Trouble trouble = new Trouble("looking for the topics in Kafka");

    Topics(ConsumerGroups groups, DomainEventsSettings settings, DeliverySettings deliveries) {
        this.groups = groups;
        this.settings = settings;
        this.deliveries = deliveries;
    }

    /** Creates what is missing; returns whether all is there. */
    boolean create(Properties properties) {
        try (Admin admin = Admin.create(properties)) {
            create(admin);
            return true;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof TopicExistsException) {
                return false; // another instance was faster; check again
            }
            trouble.failed(e.getCause() == null ? e : e.getCause());
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        } catch (KafkaException e) {
            trouble.failed(e);
            return false;
        }
    }

    void create(Admin admin) throws ExecutionException, InterruptedException {
        List<String> existing = List.copyOf(admin.listTopics().names().get());
        List<NewTopic> wanted = wanted();
        List<NewTopic> missing = wanted.stream()
                .filter(topic -> !existing.contains(topic.name()))
                .toList();
        admin.createTopics(missing).all().get();
        missing.forEach(topic -> LOG.info("Created topic {} with {} partitions", topic.name(), topic.numPartitions()));
        trouble.worked();
        for (NewTopic topic : wanted) {
            if (existing.contains(topic.name())) {
                check(admin, topic.name());
            }
        }
    }

    /** Once. Without the right to look, the service works all the same. */
    private void check(Admin admin, String topic) throws InterruptedException {
        boolean isMain = topic.equals(settings.topic());
        try {
            List<TopicPartitionInfo> partitions = isMain ? partitions(admin) : List.of();
            if (isMain) {
                checkPartitions(partitions.size());
            }
            Config config = configOf(admin, topic);
            checkCleanup(topic, config);
            if (isMain) {
                checkRetention(config);
                checkReplicas(admin, partitions, config);
            }
        } catch (ExecutionException | KafkaException e) {
            LOG.atLevel(isMain ? Level.WARN : Level.INFO)
                    .log(
                            "The settings of the topic {} cannot be checked: {}",
                            topic,
                            Objects.requireNonNullElse(e.getCause(), e).getMessage());
        }
    }

    private List<NewTopic> wanted() {
        Optional<Short> replicas =
                settings.replicationFactor() < 0 ? Optional.empty() : Optional.of(settings.replicationFactor());
        List<NewTopic> topics = new ArrayList<>();
        // Whatever the brokers' default is: of a compacted topic, only the last event of a campaign is kept.
        Map<String, String> whole =
                new HashMap<>(Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE));
        if (settings.replicationFactor() >= 3) { // one may be away, and still two have what is acknowledged
            whole.put(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, "2");
        }
        topics.add(new NewTopic(settings.topic(), Optional.of(settings.partitions()), replicas).configs(whole));
        if (deliveries.outcomeEvents()) {
            topics.add(new NewTopic(settings.topic() + ".outcomes", Optional.of(settings.partitions()), replicas)
                    .configs(whole));
        }
        Map<String, String> deadLetters = new HashMap<>(whole);
        deadLetters.put(
                TopicConfig.RETENTION_MS_CONFIG,
                String.valueOf(settings.deadLetterRetention().toMillis()));
        deadLetters.put( // a letter goes with its segment
                TopicConfig.SEGMENT_MS_CONFIG, String.valueOf(Duration.ofDays(1).toMillis()));
        deadLetters.put(
                TopicConfig.MAX_MESSAGE_BYTES_CONFIG, String.valueOf(DomainEventsSettings.MAX_DEAD_LETTER_BYTES));
        for (ConsumerGroup group : groups.all()) {
            topics.add(new NewTopic(settings.deadLetterTopic(group.name()), Optional.of(1), replicas)
                    .configs(deadLetters));
        }
        return topics;
    }

    private List<TopicPartitionInfo> partitions(Admin admin) throws ExecutionException, InterruptedException {
        TopicDescription topic = Objects.requireNonNull(admin.describeTopics(List.of(settings.topic()))
                .allTopicNames()
                .get()
                .get(settings.topic()));
        return topic.partitions();
    }

    private void checkPartitions(int partitions) {
        if (partitions < settings.partitions()) {
            LOG.warn(
                    "Topic {} has {} partitions instead of {}: at most {} instances can share its work."
                            + " To add some: kafka-topics --alter --topic {} --partitions {}"
                            + " (a campaign's events in progress may then overtake each other once)",
                    settings.topic(),
                    partitions,
                    settings.partitions(),
                    partitions,
                    settings.topic(),
                    settings.partitions());
        }
    }

    /** Events that the topic still has and the ledger has deleted would be processed again if they were read again. */
    private void checkRetention(Config config) {
        long millis = Long.parseLong(config.get(TopicConfig.RETENTION_MS_CONFIG).value());
        if (millis < 0 || millis > deliveries.purgeAfter().toMillis()) {
            LOG.warn(
                    "Topic {} keeps its records {}, but the ledger deletes their deliveries after {}: records that are read"
                            + " again after that are processed again. Set a longer LEDGER_PURGE_AFTER or a shorter retention.ms",
                    settings.topic(),
                    millis < 0 ? "forever" : "for " + Duration.ofMillis(millis),
                    deliveries.purgeAfter());
        }
    }

    /** An event is published once brokers have acknowledged it; the outbox deletes it then. */
    private void checkReplicas(Admin admin, List<TopicPartitionInfo> partitions, Config config)
            throws ExecutionException, InterruptedException {
        if (admin.describeCluster().nodes().get().size() == 1) {
            return; // nobody to keep another copy
        }
        boolean single =
                partitions.stream().anyMatch(partition -> partition.replicas().size() == 1);
        ConfigEntry inSync = config.get(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG);
        if (single || (inSync != null && "1".equals(inSync.value()))) {
            LOG.warn(
                    "Topic {} has {}: a broker that is lost can take events with it that were acknowledged. Give the topic three"
                            + " replicas (kafka-reassign-partitions), and min.insync.replicas=2 (kafka-configs --alter --topic {}"
                            + " --add-config min.insync.replicas=2)",
                    settings.topic(),
                    single ? "one replica" : "min.insync.replicas=1",
                    settings.topic());
        }
    }

    private static void checkCleanup(String topic, Config config) {
        String policy = config.get(TopicConfig.CLEANUP_POLICY_CONFIG).value();
        if (policy.contains(TopicConfig.CLEANUP_POLICY_COMPACT)) {
            LOG.error(
                    "Topic {} has cleanup.policy={}: Kafka deletes all but the last record of each key, also before they are"
                            + " read, and nothing counts them. Set cleanup.policy=delete: kafka-configs --alter --topic {}"
                            + " --add-config cleanup.policy=delete",
                    topic,
                    policy,
                    topic);
        }
    }

    private static Config configOf(Admin admin, String name) throws ExecutionException, InterruptedException {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, name);
        return Objects.requireNonNull(
                admin.describeConfigs(List.of(topic)).all().get().get(topic));
    }

    /** The properties of an admin client that gives up quickly if brokers do not answer. */
    public static Properties properties(CamelContext camel) {
        KafkaConfiguration kafka =
                camel.getComponent("kafka", KafkaComponent.class).getConfiguration();
        Properties all = kafka.createProducerProperties();
        Properties properties = new Properties();
        all.stringPropertyNames().stream()
                .filter(AdminClientConfig.configNames()::contains)
                .forEach(name -> properties.put(name, all.getProperty(name)));
        properties.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, kafka.getBrokers());
        properties.put(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, TIMEOUT_MILLIS);
        properties.put(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, TIMEOUT_MILLIS);
        return KafkaGuarantees.quiet(properties);
    }

    /** Runs before the first consumer asks for the topic. */
    @Override
    public void beforeApplicationStart(CamelContext camel) {
        Properties properties = properties(camel);
        if (create(properties)) {
            return;
        }
        ScheduledExecutorService attempts =
                camel.getExecutorServiceManager().newSingleThreadScheduledExecutor(this, "topics");
        var unused = attempts.scheduleWithFixedDelay(
                () -> {
                    if (create(properties)) {
                        attempts.shutdown();
                    }
                },
                PAUSE.toMillis(),
                PAUSE.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    @Override
    public void afterApplicationStart(CamelContext camel) {
        // Everything is done before.
    }
}
