package routes;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.springframework.beans.factory.annotation.Autowired;
import routes.dev.Inbox;
import routes.dev.ReceivedMail;
import routes.event.DomainEvent;
import routes.event.EventData.UserSignedUp;
import routes.event.EventJson;
import routes.event.EventType;
import routes.event.Events;

/** Records that are no events, among events that are, all in one partition. */
@OnPlatform
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DeadLettersIT {

    private static final int PARTITION = 3;

    /** Two of one name, one that would steer Camel's HTTP component, two that would steer its mail component, one of null. */
    private static final List<Header> HEADERS = List.of(
            header("trace", "first"),
            header("CamelHttpUri", "http://127.0.0.1:1/"),
            header("trace", "second"),
            header("To", "elsewhere@example.com"),
            header("CamelMailTo", "elsewhere@example.com"),
            new RecordHeader("nothing", (byte[]) null));

    private static final List<Poison> POISONS = poisons();

    private final Map<String, RecordMetadata> written = new HashMap<>();
    private final Map<String, List<ConsumerRecord<byte[], byte[]>>> deadLetters = new HashMap<>();
    private final DomainEvent before = Events.signedUp(Events.email());
    private final DomainEvent between = Events.signedUp(Events.email());
    private final DomainEvent after = Events.signedUp(Events.email());

    @Autowired
    private Pipeline pipeline;

    @Autowired
    private Inbox inbox;

    /**
     * A record that is no event.
     *
     * @param name which is its key, too
     * @param text its value, a character a byte
     * @param groups whose business it would have been
     */
    record Poison(String name, @Nullable String text, List<String> groups) {

        static Poison of(String name, @Nullable String text, String... groups) {
            return new Poison(name, text, List.of(groups));
        }

        byte @Nullable [] value() {
            return text == null ? null : text.getBytes(ISO_8859_1);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static List<Poison> poisons() {
        String email = "email-workers";
        String positions = "position-workers";
        String rewards = "reward-workers";
        return List.of(
                Poison.of("broken-before-the-type", "{\"id\":\"1\",", email, positions, rewards),
                Poison.of("no-json", "hello", email, positions, rewards),
                Poison.of("empty", "", email, positions, rewards),
                Poison.of("array", "[{\"type\":\"user.signed_up\"}]", email, positions, rewards),
                Poison.of("null", null, email, positions, rewards),
                Poison.of(
                        "invalid-utf-8",
                        "{\"id\":\"\u00ff\u00fe\",\"type\":\"user.signed_up\"}",
                        email,
                        positions,
                        rewards),
                Poison.of("no-type", "{\"id\":\"1\"}", email, positions, rewards),
                Poison.of("type-of-a-wrong-kind", "{\"type\":7}", email, positions, rewards),
                Poison.of(
                        "deep",
                        "{\"data\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}",
                        email,
                        positions,
                        rewards),
                Poison.of("long", "{\"id\":\"" + "x".repeat(900_000) + "\"}", email, positions, rewards),
                Poison.of("broken-after-the-type", "{\"type\":\"user.signed_up\",", email),
                Poison.of("missing-fields", "{\"type\":\"user.signed_up\",\"data\":{}}", email),
                Poison.of("wrong-fields", wrong(EventType.USER_SIGNED_UP), email),
                Poison.of("wrong-milestone", wrong(EventType.CAMPAIGN_MILESTONE_REACHED), email),
                Poison.of("wrong-referral", wrong(EventType.REFERRAL_VERIFIED), email, positions),
                Poison.of("wrong-reward", wrong(EventType.REWARD_EARNED), email, rewards),
                Poison.of("wrong-but-nobodys", wrong(EventType.REFERRAL_CREATED)));
    }

    private static String wrong(EventType type) {
        return Events.json(Events.any(type), json -> json.put("timestamp", "yesterday"))
                .toString();
    }

    @BeforeAll
    void writeThemAll() throws Exception {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        records.add(good(before));
        POISONS.forEach(poison -> records.add(record(poison.name(), poison.value())));
        records.add(records.size() / 2, good(between));
        records.add(good(after));

        List<RecordMetadata> places = pipeline.write(records);

        for (int i = 0; i < places.size(); i++) {
            written.put(new String(records.get(i).key(), UTF_8), places.get(i));
        }
        pipeline.awaitDrained(); // or the offsets have not moved past them
        for (String group : Pipeline.GROUPS) {
            deadLetters.put(group, pipeline.read("%s.%s.dlq".formatted(pipeline.topic(), group), 0));
        }
    }

    @ParameterizedTest
    @FieldSource("POISONS")
    void liesByteForByteInTheDeadLettersOfTheGroupsWhoseBusinessItWas(Poison poison) {
        for (String group : poison.groups()) {
            assertThat(deadLetters(group, poison.name())).singleElement().satisfies(letter -> {
                assertThat(letter.key()).isEqualTo(poison.name().getBytes(UTF_8));
                assertThat(letter.value()).isEqualTo(poison.value());
                assertThat(headers(letter).subList(0, HEADERS.size())).isEqualTo(HEADERS);
            });
        }
    }

    @ParameterizedTest
    @FieldSource("POISONS")
    void isNoBusinessOfAnyOtherGroup(Poison poison) {
        assertThat(Pipeline.GROUPS)
                .filteredOn(group -> !poison.groups().contains(group))
                .allSatisfy(
                        group -> assertThat(deadLetters(group, poison.name())).isEmpty());
    }

    @ParameterizedTest
    @FieldSource("POISONS")
    void saysBesideItWhereItCameFromAndWhatIsWrong(Poison poison) {
        for (String group : poison.groups()) {
            ConsumerRecord<byte[], byte[]> letter =
                    deadLetters(group, poison.name()).get(0);
            Map<String, String> added = new HashMap<>();
            headers(letter).stream()
                    .skip(HEADERS.size())
                    .forEach(header -> added.put(header.key(), new String(header.value(), UTF_8)));

            assertThat(added)
                    .containsEntry("dead-letter-group", group)
                    .containsEntry("dead-letter-topic", pipeline.topic())
                    .containsEntry("dead-letter-partition", String.valueOf(PARTITION))
                    .containsEntry(
                            "dead-letter-offset",
                            String.valueOf(Objects.requireNonNull(written.get(poison.name()))
                                    .offset()))
                    .containsEntry("dead-letter-timestamp-type", "CreateTime")
                    .containsKeys("dead-letter-reason", "dead-letter-timestamp", "dead-letter-at")
                    .hasSize(8);
            assertThat(added.get("dead-letter-reason")).isNotBlank().hasSizeLessThan(1000);
        }
    }

    @Test
    void namesEveryFieldThatIsWrong() {
        ConsumerRecord<byte[], byte[]> letter =
                deadLetters("email-workers", "missing-fields").get(0);

        assertThat(new String(letter.headers().lastHeader("dead-letter-reason").value(), UTF_8))
                .contains("id", "account_id", "campaign_id", "data.user_id", "data.email", "timestamp");
    }

    @Test
    void theEventsAroundThemHaveTheirEffectAndTheirHeadersSteerNothing() {
        assertThat(inbox.list())
                .extracting(ReceivedMail::to)
                .contains(email(before), email(between), email(after))
                .doesNotContain("elsewhere@example.com");
    }

    private List<ConsumerRecord<byte[], byte[]>> deadLetters(String group, String name) {
        byte[] key = name.getBytes(UTF_8);
        return Objects.requireNonNull(deadLetters.get(group)).stream()
                .filter(letter -> Arrays.equals(letter.key(), key))
                .toList();
    }

    private ProducerRecord<byte[], byte[]> good(DomainEvent event) throws Exception {
        return record(event.id(), EventJson.mapper().writeValueAsBytes(event));
    }

    private ProducerRecord<byte[], byte[]> record(String key, byte @Nullable [] value) {
        return new ProducerRecord<>(pipeline.topic(), PARTITION, key.getBytes(UTF_8), value, HEADERS);
    }

    private static List<Header> headers(ConsumerRecord<byte[], byte[]> record) {
        return Arrays.asList(record.headers().toArray());
    }

    private static Header header(String name, String value) {
        return new RecordHeader(name, value.getBytes(UTF_8));
    }

    private static String email(DomainEvent event) {
        return ((UserSignedUp) event.data()).email();
    }
}
