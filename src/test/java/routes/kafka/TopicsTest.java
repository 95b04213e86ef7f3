package routes.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.mockito.ArgumentMatchers.anyCollection;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.RETURNS_DEEP_STUBS;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.GroupProtocol;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mockito.ArgumentCaptor;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import routes.delivery.ConsumerGroups;
import routes.delivery.DeliverySettings;

@ExtendWith(OutputCaptureExtension.class)
class TopicsTest {

    private static final String TOPIC = "events-of-topics-test";

    private final Admin admin = mock(Admin.class, RETURNS_DEEP_STUBS);
    private final DeliverySettings deliveries = mock();
    private final Topics topics = topics((short) 1);

    private Topics topics(short replicas) {
        return new Topics(
                mock(ConsumerGroups.class),
                new DomainEventsSettings(TOPIC, 2, replicas, Duration.ofDays(30), GroupProtocol.CLASSIC),
                deliveries);
    }

    /** An exception would make it look again, with a new client, every two seconds. */
    @Test
    void aRightThatOnlyItsWarningsNeedIsMissedOnceAndNotLookedForAgain(CapturedOutput output) throws Exception {
        Node broker = new Node(1, "localhost", 1);
        TopicPartitionInfo partition = new TopicPartitionInfo(0, broker, List.of(broker), List.of(broker));
        given(admin.listTopics().names().get()).willReturn(Set.of(TOPIC));
        given(admin.describeTopics(List.of(TOPIC)).allTopicNames().get())
                .willReturn(Map.of(TOPIC, new TopicDescription(TOPIC, false, List.of(partition))));
        given(admin.describeConfigs(anyCollection()).all().get())
                .willThrow(new ExecutionException(new TopicAuthorizationException(Set.of(TOPIC))));

        assertThatNoException().isThrownBy(() -> topics.create(admin));

        assertThat(output.getAll().lines().filter(line -> line.contains(TOPIC)))
                .satisfiesExactly(
                        few -> assertThat(few).contains("has 1 partitions instead of 2"),
                        unknown -> assertThat(unknown).contains("cannot be checked", "Not authorized"));
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1, 1, ", // nobody to keep another copy
        "3, 3, 2, ",
        "3, 2, 2, ",
        "3, 1, 1, has one replica",
        "2, 1, 2, has one replica",
        "3, 3, 1, has min.insync.replicas=1",
    })
    void warnsOfATopicThatALostBrokerTakesEventsFrom(
            int brokers, int replicas, int inSync, @Nullable String warning, CapturedOutput output) throws Exception {
        List<Node> nodes = IntStream.range(0, brokers)
                .mapToObj(id -> new Node(id, "localhost", id + 1))
                .toList();
        List<Node> copies = nodes.subList(0, replicas);
        List<TopicPartitionInfo> partitions = List.of(
                new TopicPartitionInfo(0, copies.get(0), copies, copies),
                new TopicPartitionInfo(1, copies.get(0), copies, copies));
        given(admin.listTopics().names().get()).willReturn(Set.of(TOPIC));
        given(admin.describeTopics(List.of(TOPIC)).allTopicNames().get())
                .willReturn(Map.of(TOPIC, new TopicDescription(TOPIC, false, partitions)));
        given(admin.describeCluster().nodes().get()).willReturn(nodes);
        given(admin.describeConfigs(anyCollection()).all().get())
                .willReturn(Map.of(
                        new ConfigResource(ConfigResource.Type.TOPIC, TOPIC),
                        new Config(List.of(
                                new ConfigEntry("cleanup.policy", "delete"),
                                new ConfigEntry("retention.ms", "1000"),
                                new ConfigEntry("min.insync.replicas", String.valueOf(inSync))))));
        given(deliveries.purgeAfter()).willReturn(Duration.ofDays(90));

        topics.create(admin);

        assertThat(output.getAll().lines().filter(line -> line.contains(TOPIC)).toList())
                .hasSize(warning == null ? 0 : 1)
                .allMatch(line -> line.contains("Topic " + TOPIC + " " + warning));
    }

    @ParameterizedTest
    @CsvSource({"-1, ", "1, ", "2, ", "3, 2", "5, 2"})
    void ofAtLeastThreeReplicasOfANewTopicTwoHaveToHaveARecord(short replicas, @Nullable String inSync)
            throws Exception {
        given(admin.listTopics().names().get()).willReturn(Set.of());

        topics(replicas).create(admin);

        ArgumentCaptor<Collection<NewTopic>> made = ArgumentCaptor.captor();
        verify(admin).createTopics(made.capture());
        assertThat(made.getValue()).isNotEmpty().allSatisfy(topic -> assertThat(
                        topic.configs().get("min.insync.replicas"))
                .isEqualTo(inSync));
    }
}
