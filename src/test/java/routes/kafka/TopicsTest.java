package routes.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.mockito.ArgumentMatchers.anyCollection;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.RETURNS_DEEP_STUBS;
import static org.mockito.Mockito.mock;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.GroupProtocol;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import routes.delivery.ConsumerGroups;
import routes.delivery.DeliverySettings;

@ExtendWith(OutputCaptureExtension.class)
class TopicsTest {

    private static final String TOPIC = "events-of-topics-test";

    private final Admin admin = mock(Admin.class, RETURNS_DEEP_STUBS);
    private final Topics topics = new Topics(
            mock(ConsumerGroups.class),
            new DomainEventsSettings(TOPIC, 2, (short) 1, Duration.ofDays(30), GroupProtocol.CLASSIC),
            mock(DeliverySettings.class));

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
}
