package routes.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.GroupProtocol;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import routes.OnPlatform;
import routes.delivery.ConsumerGroups;
import routes.delivery.DeliverySettings;
import routes.dev.Platform;

/** Creates missing topics and checks existing ones, on a real broker. */
@OnPlatform
class TopicsIT {

    private final String topic = "events-" + UUID.randomUUID();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @Autowired
    private Platform platform;

    @Autowired
    private ConsumerGroups groups;

    @Autowired
    private DeliverySettings deliveries;

    @BeforeEach
    void listen() {
        log.start();
        logger().addAppender(log);
    }

    @AfterEach
    void listenNoMore() {
        logger().detachAppender(log);
    }

    @Test
    void makesWhatIsMissing() throws Exception {
        assertThat(topics().create(brokers())).isTrue();

        try (Admin admin = Admin.create(brokers())) {
            assertThat(admin.describeTopics(List.of(topic))
                            .allTopicNames()
                            .get()
                            .values())
                    .singleElement()
                    .satisfies(made -> assertThat(made.partitions()).hasSize(2));
            assertThat(admin.listTopics().names().get()).contains(topic + ".email-workers.dlq");
        }
    }

    @ParameterizedTest
    @CsvSource({"-1, forever", "7776000001, for PT2160H0.001S"})
    void warnsOfATopicThatKeepsRecordsLongerThanTheLedger(String retention, String duration) throws Exception {
        make(retention);

        create();

        assertThat(warnings())
                .singleElement()
                .asString()
                .contains(topic, duration, "Set a longer LEDGER_PURGE_AFTER or a shorter retention.ms");
    }

    @Test
    void saysNothingOfATopicThatTheLedgerOutlives() throws Exception {
        make("7776000000");

        create();

        assertThat(warnings()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({", 'compact,delete'", ".email-workers.dlq, compact"})
    void callsATopicThatIsCompactedALoss(@Nullable String suffix, String policy) throws Exception {
        String compacted = topic + (suffix == null ? "" : suffix);
        make(compacted, Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, policy));

        create();

        assertThat(said(Level.ERROR))
                .singleElement()
                .asString()
                .contains("Topic " + compacted, "cleanup.policy=" + policy, "kafka-configs");
    }

    @Test
    void makesTopicsThatAreNotCompactedWhateverTheBrokersDefaultIs() throws Exception {
        create();

        try (Admin admin = Admin.create(brokers())) {
            for (String made : List.of(topic, topic + ".email-workers.dlq")) {
                ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, made);
                ConfigEntry policy = admin.describeConfigs(List.of(resource))
                        .all()
                        .get()
                        .get(resource)
                        .get(TopicConfig.CLEANUP_POLICY_CONFIG);
                assertThat(policy.value()).isEqualTo("delete");
                assertThat(policy.source()).isEqualTo(ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG);
            }
        }
    }

    private void make(String retention) throws Exception {
        make(topic, Map.of(TopicConfig.RETENTION_MS_CONFIG, retention));
    }

    private void make(String name, Map<String, String> configs) throws Exception {
        try (Admin admin = Admin.create(brokers())) {
            admin.createTopics(List.of(new NewTopic(name, 2, (short) 1).configs(configs)))
                    .all()
                    .get();
        }
    }

    /** Retries like the service: a broker may list a topic a little later than it was created. */
    private void create() {
        await().until(() -> topics().create(brokers()));
    }

    private List<String> warnings() {
        return said(Level.WARN);
    }

    private List<String> said(Level level) {
        return log.list.stream()
                .filter(line ->
                        line.getLevel() == level && line.getFormattedMessage().contains(topic))
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    private Topics topics() {
        return new Topics(
                groups,
                new DomainEventsSettings(topic, 2, (short) 1, Duration.ofDays(30), GroupProtocol.CLASSIC),
                deliveries);
    }

    private Properties brokers() {
        Properties properties = new Properties();
        properties.put(
                CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, platform.kafka().brokers());
        return properties;
    }

    private static Logger logger() {
        return (Logger) LoggerFactory.getLogger(Topics.class);
    }
}
