package routes.deadletter;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.OnPlatform;
import routes.Pipeline;
import routes.TestCampaign;
import routes.dev.Inbox;
import routes.dev.Platform;
import routes.dev.ReceivedMail;
import routes.dev.WebhookReceiver;
import routes.event.DomainEvent;
import routes.event.EventData.ReferralVerified;
import routes.event.EventData.UserSignedUp;
import routes.event.EventJson;
import routes.event.EventType;
import routes.event.Events;

/** Records that are not events, among events that are, all in one partition. */
@OnPlatform
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DeadLettersIT {

    private static final int PARTITION = 3;

    /**
     * Two of one name, one of null, those that would steer Camel's components if a record's headers reached them, and more of them than
     * anybody needs.
     */
    private static final List<Header> HEADERS = headers();

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

    @Autowired
    private Platform platform;

    @Autowired
    private WebhookReceiver webhooks;

    @Autowired
    private JdbcClient jdbc;

    /**
     * A record that is not an event.
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

    private static List<Header> headers() {
        List<Header> headers = new ArrayList<>(List.of(
                header("trace", "first"),
                header("CamelHttpUri", "http://127.0.0.1:1/"),
                header("CamelHttpMethod", "DELETE"),
                header("CamelSqlQuery", "SELECT 1"),
                header("CamelSqlParameters", "1"),
                header("CamelKafkaOverrideTopic", "elsewhere"),
                header("kafka.OVERRIDE_TOPIC", "elsewhere"),
                header("CamelBeanMethodName", "toString"),
                header("mail.smtp.host", "127.0.0.1"),
                header("trace", "second"),
                header("To", "elsewhere@example.com"),
                header("CamelMailTo", "elsewhere@example.com"),
                header("", "a name that is none"),
                header("huge", "x".repeat(50_000)),
                new RecordHeader("bytes", new byte[] {0, (byte) 0xff, '\r', '\n'}),
                new RecordHeader("nothing", (byte[]) null)));
        for (int i = 0; i < 2_000; i++) {
            headers.add(header("h" + i, "1"));
        }
        return List.copyOf(headers);
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
                Poison.of("nul", changed(EventType.USER_SIGNED_UP, "2026-01-01T12", "\\u0000"), email),
                Poison.of("nul-in-an-id", changed(EventType.REWARD_EARNED, "a0000000-", "\\u0000"), email, rewards),
                Poison.of("raw-nul", changed(EventType.REFERRAL_VERIFIED, "a0000000-", "\u0000"), email, positions),
                Poison.of("half-a-surrogate-pair", changed(EventType.USER_VERIFIED, "a0000000-", "\\ud800"), email),
                Poison.of("id-too-long", changed(EventType.USER_VERIFIED, "a0000000-", "x".repeat(100_000)), email),
                Poison.of(
                        "number-out-of-range",
                        changed(EventType.CAMPAIGN_MILESTONE_REACHED, "1000", "1e999999"),
                        email),
                Poison.of(
                        "number-too-long",
                        changed(EventType.CAMPAIGN_MILESTONE_REACHED, "1000", "9".repeat(100_000)),
                        email),
                Poison.of("date-before-dates", changed(EventType.USER_SIGNED_UP, "2026-", "-999999999-"), email),
                Poison.of("date-after-dates", changed(EventType.USER_SIGNED_UP, "2026-", "+999999999-"), email),
                Poison.of("fields-twice", changed(EventType.USER_SIGNED_UP, "\"account_id\"", "\"id\""), email),
                Poison.of("a-type-of-tomorrow", "{\"type\":\"user.flew\",\"data\":broken"),
                Poison.of("wrong-but-nobodys", wrong(EventType.REFERRAL_CREATED)));
    }

    /** An event with something else in the place of a part of it. */
    private static String changed(EventType type, String part, String instead) {
        String event = Events.json(Events.any(type), json -> {}).toString();
        assertThat(event).contains(part);
        return event.replaceFirst(Pattern.quote(part), Matcher.quoteReplacement(instead));
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

    @Test
    void headersSteerNoComponentOfARoute() throws Exception {
        TestCampaign campaign = TestCampaign.create(jdbc);
        try {
            String path = "/webhooks/" + UUID.randomUUID();
            campaign.webhook(platform.inboxUrl() + path, "active", TestCampaign.SECRET);
            UUID referrer = campaign.person();
            jdbc.sql("UPDATE waitlist_users SET verified_referral_count = 3 WHERE id = ?")
                    .param(referrer)
                    .update();
            DomainEvent reward = campaign.rewardEarned(platform.inboxUrl() + path);
            DomainEvent referral = Events.of(new ReferralVerified(
                    Events.id(), referrer.toString(), Events.id(), campaign.id().toString(), 2));

            pipeline.write(List.of(good(reward), good(referral)));
            pipeline.awaitDrained();

            assertThat(webhooks.list())
                    .filteredOn(request -> request.path().equals(path))
                    .hasSize(1);
            assertThat(jdbc.sql("SELECT position FROM waitlist_users WHERE id = ?")
                            .param(referrer)
                            .query(Integer.class)
                            .single())
                    .isEqualTo(10 - 3 * 2);
        } finally {
            campaign.delete();
        }
    }

    @Test
    void aKeyThatIsEmptyOrMissingStaysSo() throws Exception {
        String mark = Events.id();
        byte[] value = "[\"%s\"]".formatted(mark).getBytes(UTF_8);

        pipeline.write(List.of(
                new ProducerRecord<>(pipeline.topic(), PARTITION, new byte[0], value, HEADERS),
                new ProducerRecord<>(pipeline.topic(), PARTITION, (byte[]) null, value, HEADERS)));
        pipeline.awaitDrained();

        assertThat(pipeline.read(pipeline.topic() + ".reward-workers.dlq", 0))
                .filteredOn(letter -> Arrays.equals(letter.value(), value))
                .extracting(ConsumerRecord::key)
                .containsExactly(new byte[0], null);
    }

    /** The broker weighs a record as the producer has compressed it. */
    @Test
    void aRecordThatUnpacksToThreeTimesWhatIsReadIsKeptWhole() throws Exception {
        byte[] value = padded(3 << 20);
        RecordMetadata place = writeCompressed(value);
        pipeline.awaitDrained();

        assertThat(letters(place)).hasSize(3).allSatisfy(letter -> {
            assertThat(letter.value()).isEqualTo(value);
            assertThat(reason(letter)).contains("at most 1048576 are allowed");
        });
    }

    @Test
    void oneThatUnpacksToTwentyTimesHoldsUpNobodyAndOfItsContentItsLengthIsKept() throws Exception {
        RecordMetadata place = writeCompressed(padded(20 << 20));
        DomainEvent next = Events.signedUp(Events.email());

        pipeline.write(List.of(good(next)));
        pipeline.awaitDrained();

        assertThat(letters(place)).hasSize(3).allSatisfy(letter -> {
            assertThat(letter.value()).isNull();
            assertThat(reason(letter)).contains("the record has 2097", "bytes unpacked; at most 4194304 are kept");
        });
        assertThat(inbox.list()).extracting(ReceivedMail::to).contains(email(next));
    }

    private static byte[] padded(int blanks) {
        return (Events.json(Events.signedUp(Events.email()), json -> {}) + " ".repeat(blanks)).getBytes(UTF_8);
    }

    private List<ConsumerRecord<byte[], byte[]>> letters(RecordMetadata place) {
        return Pipeline.GROUPS.stream()
                .flatMap(group -> pipeline.read(pipeline.topic() + "." + group + ".dlq", 0).stream())
                .filter(letter -> text(letter, "offset").equals(String.valueOf(place.offset()))
                        && text(letter, "partition").equals(String.valueOf(place.partition())))
                .toList();
    }

    private static String reason(ConsumerRecord<byte[], byte[]> letter) {
        return text(letter, "reason");
    }

    /** Empty where there is no such header: other tests leave such records. */
    private static String text(ConsumerRecord<byte[], byte[]> letter, String name) {
        Header header = letter.headers().lastHeader(DeadLetters.HEADER_PREFIX + name);
        return header == null ? "" : new String(header.value(), UTF_8);
    }

    private RecordMetadata writeCompressed(byte[] value) throws Exception {
        Map<String, Object> settings = new HashMap<>(pipeline.brokers());
        settings.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "zstd");
        settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 2 * value.length);
        settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 2L * value.length);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            return producer.send(new ProducerRecord<>(pipeline.topic(), PARTITION, (byte[]) null, value))
                    .get();
        }
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
