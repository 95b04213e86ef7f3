package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import faults.Service;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import routes.dev.Platform;
import routes.dev.ReceivedMail;
import routes.event.EventData.UserSignedUp;
import routes.event.Events;

/** One of two instances that have names is restarted, as a deployment does with each, while events come in. */
class RebalanceIT {

    private static final String[] SETTINGS = {
        "--camel.component.kafka.session-timeout-ms=60000",
        "--logging.level.org.apache.kafka.clients.consumer.internals.ConsumerCoordinator=info"
    };

    /** What Kafka's client says whenever its group has settled anew. */
    private static final String JOINED = "Successfully joined group with generation";

    @Test
    void aNamedInstanceThatIsRestartedMovesNoPartitionAndLosesAndRepeatsNothing(@TempDir Path directory)
            throws Exception {
        Process restarted = null;
        Process other = null;
        try (Platform platform = Platform.startAnewOnFreePorts(directory.resolve("platform"));
                Admin admin = Admin.create(brokers(platform))) {
            restarted = start(platform, directory, "a");
            other = start(platform, directory, "b");
            await().atMost(Duration.ofSeconds(90)).until(() -> areShared(admin));
            long settled = lines(directory, "b", JOINED);

            List<String> people = publish(platform);
            restarted.destroy();
            restarted.waitFor();
            people.addAll(publish(platform));
            restarted = start(platform, directory, "a");
            await().atMost(Duration.ofSeconds(60)).until(() -> lines(directory, "a", "Started Application") == 2);

            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(platform.inbox().list())
                            .extracting(ReceivedMail::to)
                            .containsExactlyInAnyOrderElementsOf(people));
            assertThat(areShared(admin)).isTrue();
            assertThat(lines(directory, "b", JOINED)).isEqualTo(settled);
        } finally {
            for (Process instance :
                    Stream.of(restarted, other).filter(Objects::nonNull).toList()) {
                instance.destroyForcibly().waitFor();
            }
        }
    }

    private static Process start(Platform platform, Path directory, String name) throws Exception {
        Map<String, String> settings = new HashMap<>(platform.settings());
        settings.put("SERVER_PORT", "0");
        settings.put("MANAGEMENT_PORT", "0");
        settings.put("KAFKA_GROUP_INSTANCE_ID", name);
        return Service.process(Service.Start.of(log(directory, name), settings).with(SETTINGS));
    }

    /** Both are members of each group, by their names. */
    private static boolean areShared(Admin admin) throws Exception {
        return admin.describeConsumerGroups(Pipeline.GROUPS).all().get().values().stream()
                .allMatch(group -> group.groupState() == GroupState.STABLE
                        && group.members().stream()
                                .map(member -> member.groupInstanceId().orElse(""))
                                .sorted()
                                .toList()
                                .equals(List.of("a", "b"))
                        && group.members().stream()
                                .allMatch(member ->
                                        member.assignment().topicPartitions().size() == 5));
    }

    private static List<String> publish(Platform platform) throws Exception {
        List<String> people = Stream.generate(Events::email).limit(100).collect(Collectors.toList());
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(brokers(platform), new StringSerializer(), new StringSerializer())) {
            for (String person : people) {
                String campaign = Events.id();
                String event = Events.json(Events.of(new UserSignedUp(Events.id(), campaign, person)), json -> {})
                        .toString();
                producer.send(new ProducerRecord<>("domain-events", campaign, event))
                        .get();
            }
        }
        return people;
    }

    private static Map<String, Object> brokers(Platform platform) {
        return Map.of(
                CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, platform.kafka().brokers());
    }

    private static long lines(Path directory, String name, String text) throws Exception {
        return Files.readString(log(directory, name))
                .lines()
                .filter(line -> line.contains(text))
                .count();
    }

    private static Path log(Path directory, String name) {
        return directory.resolve(name + ".log");
    }
}
