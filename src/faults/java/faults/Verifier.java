package faults;

import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.event.EventType;

/**
 * Holds what came of a load against what had to. It takes the generator's word for what went in, the sinks' for what came out, and
 * computes positions itself; of the service it asks only the ledger, for what waits for a person.
 */
final class Verifier {

    /** What each group does something about. All else it passes over. */
    private static final Map<String, Set<EventType>> HANDLED = Map.of(
            "email-workers",
            Set.of(
                    EventType.USER_SIGNED_UP,
                    EventType.USER_VERIFIED,
                    EventType.REFERRAL_VERIFIED,
                    EventType.REWARD_EARNED,
                    EventType.CAMPAIGN_MILESTONE_REACHED),
            "position-workers",
            Set.of(EventType.REFERRAL_VERIFIED),
            "reward-workers",
            Set.of(EventType.REWARD_EARNED));

    private static final String ADDED = "dead-letter-";

    private final Stage stage;
    private final JdbcClient jdbc;

    /** Somebody's place, as it is. */
    record Standing(UUID id, int original, int verified, int points, boolean takesPart, long position) {}

    Verifier(Stage stage) {
        this.stage = stage;
        this.jdbc = JdbcClient.create(stage.platform().database().dataSource());
    }

    /** Waits until every group has committed to the end of the topic, and nothing in the ledger is due or under way. */
    void awaitDrained(Duration patience) {
        await("drained")
                .atMost(patience)
                .pollInterval(Duration.ofMillis(200))
                .ignoreExceptions()
                .until(() -> stage.lag().total() == 0 && underWay() == 0);
    }

    /**
     * Deliveries that are not done, outcomes of which the application has not heard, since its row was locked, and boards of which pages
     * are left, since one of them failed.
     */
    private long underWay() {
        return jdbc.sql("SELECT (SELECT count(*) FROM event_routes.delivery WHERE status IN ('due', 'leased'))"
                        + " + (SELECT count(*) FROM event_routes.untold_outcome)"
                        + " + (SELECT count(*) FROM event_routes.leaderboard WHERE go_on_at IS NOT NULL)")
                .query(Long.class)
                .single();
    }

    /**
     * Holds I1, I2, I3 and I5 against everything that the generator has published. To be called when all is drained.
     *
     * @param repeatsAllowed how many effects may have been repeated, under the same id: those in flight at each crash
     */
    Findings verify(Generator generator, int repeatsAllowed) {
        List<Acknowledged> records = generator.acknowledged();
        List<Effect> effects = new ArrayList<>(stage.effects().list());
        effects.addAll(byHand(generator));
        effects.removeIf(effect -> !generator.people().know(effect.key()));
        Map<String, String> inTopic = topicAt(records);
        Findings findings = Findings.none()
                .and(records(records, inTopic::get))
                .and(passedOver(records))
                .and(effects(records, effects, repeatsAllowed))
                .and(ledger(generator))
                .and(positions(standings(generator)));
        for (String group : Stage.GROUPS) {
            List<Acknowledged> expected = records.stream()
                    .filter(record -> record.deadLetterOf().contains(group))
                    .toList();
            List<ConsumerRecord<byte[], byte[]>> letters = new ArrayList<>(lettersInDatabase(group));
            letters.addAll(read(Stage.TOPIC + "." + group + ".dlq", Map.of()));
            findings.and(deadLetters(group, expected, letters));
        }
        return findings;
    }

    /** I1: what the broker acknowledged is there, unchanged. */
    static Findings records(List<Acknowledged> acknowledged, Function<String, @Nullable String> sha256OfPlace) {
        return Findings.none()
                .figure("acknowledged", acknowledged.size())
                .violated(
                        "I1: acknowledged, and not in the topic as it was sent",
                        acknowledged.stream()
                                .filter(record -> !record.sha256().equals(sha256OfPlace.apply(record.place())))
                                .map(Acknowledged::place)
                                .toList());
    }

    /** How many records there are for each group, by what had to become of them. */
    static Findings passedOver(List<Acknowledged> acknowledged) {
        long passedOver = 0;
        long repeated = 0;
        long deadLetters = 0;
        for (var group : HANDLED.entrySet()) {
            Set<String> keys = new HashSet<>();
            for (Acknowledged record : acknowledged) {
                if (record.deadLetterOf().contains(group.getKey())) {
                    deadLetters++;
                } else if (record.type() == null || !group.getValue().contains(record.type())) {
                    passedOver++;
                } else if (!keys.add(record.idempotencyKey())) {
                    repeated++;
                }
            }
        }
        return Findings.none()
                .figure("passed over", passedOver)
                .figure("said again", repeated)
                .figure("dead letters", deadLetters);
    }

    /** I1 and I2: each effect is there, once for each distinct event that asked for it; repeats bear the same id, and are few. */
    static Findings effects(List<Acknowledged> acknowledged, Collection<Effect> effects, int repeatsAllowed) {
        Map<String, Integer> expected = new TreeMap<>();
        Set<String> keys = new HashSet<>();
        for (Acknowledged record : acknowledged) {
            if (keys.add(record.idempotencyKey())) {
                record.effects().forEach(effect -> expected.merge(effect, 1, Integer::sum));
            }
        }
        Map<String, Map<String, Integer>> timesById = new HashMap<>();
        effects.forEach(effect ->
                timesById.computeIfAbsent(effect.key(), key -> new HashMap<>()).merge(effect.id(), 1, Integer::sum));

        Set<String> all = new TreeSet<>(expected.keySet());
        all.addAll(timesById.keySet());
        List<String> missing = new ArrayList<>();
        List<String> tooMany = new ArrayList<>();
        int distinct = 0;
        int repeats = 0;
        for (String key : all) {
            int wanted = expected.getOrDefault(key, 0);
            Map<String, Integer> times = timesById.getOrDefault(key, Map.of());
            if (times.size() < wanted) {
                missing.add("%s: %d of %d".formatted(key, times.size(), wanted));
            } else if (times.size() > wanted) {
                tooMany.add("%s: %d instead of %d".formatted(key, times.size(), wanted));
            }
            distinct += times.size();
            repeats += times.values().stream().mapToInt(count -> count - 1).sum();
        }
        return Findings.none()
                .figure("effects", distinct)
                .figure("lost", missing.size())
                .figure("done twice", tooMany.size())
                .figure("repeated under the same id", repeats)
                .figure("repeats allowed", repeatsAllowed)
                .violated("I1: without its effect", missing)
                .violated("I2: done again under another id", tooMany)
                .require(
                        repeats <= repeatsAllowed,
                        "I2: %d effects were repeated, at most %d were in flight at a crash"
                                .formatted(repeats, repeatsAllowed));
    }

    /** I3: every position is what a full recalculation makes of the rows (mode formula); who takes no part keeps theirs. */
    static Findings positions(Collection<Standing> standings) {
        List<String> wrong = new ArrayList<>();
        for (Standing person : standings) {
            long score = person.original() - (long) person.verified() * person.points();
            long right = person.takesPart() ? Math.max(1, score) : person.original();
            if (person.position() != right) {
                wrong.add("%s at %d instead of %d".formatted(person.id(), person.position(), right));
            }
        }
        return Findings.none().figure("positions", standings.size()).violated("I3: wrong positions", wrong);
    }

    /** I1 and I5: the dead letters of a group hold what is not an event, byte for byte. */
    static Findings deadLetters(
            String group, List<Acknowledged> expected, List<ConsumerRecord<byte[], byte[]>> letters) {
        Map<String, List<ConsumerRecord<byte[], byte[]>>> byPlace = letters.stream()
                .collect(Collectors.groupingBy(letter -> text(letter, "partition") + "@" + text(letter, "offset")));
        List<String> missing = new ArrayList<>();
        List<String> changed = new ArrayList<>();
        for (Acknowledged record : expected) {
            List<ConsumerRecord<byte[], byte[]>> found = byPlace.getOrDefault(record.place(), List.of());
            if (found.isEmpty()) {
                missing.add("%s at %s".formatted(record.eventId(), record.place()));
            }
            ProducerRecord<byte[], byte[]> original = Objects.requireNonNull(record.poison());
            for (ConsumerRecord<byte[], byte[]> letter : found) {
                if (!Arrays.equals(original.value(), letter.value())
                        || !Arrays.equals(original.key(), letter.key())
                        || !headers(original.headers()).equals(headers(letter.headers()))) {
                    changed.add("%s at %s".formatted(record.eventId(), record.place()));
                }
            }
        }
        return Findings.none()
                .violated("I1: no dead letter of " + group, missing)
                .violated("I5: dead letters of " + group + " that are not the original", changed);
    }

    /** The dead letters that the topic did not take, such as while the broker was away, in the form that they have there. */
    private List<ConsumerRecord<byte[], byte[]>> lettersInDatabase(String group) {
        return jdbc.sql("SELECT * FROM event_routes.dead_letter WHERE consumer_group = ?")
                .param(group)
                .query((row, n) -> {
                    ConsumerRecord<byte[], byte[]> letter = new ConsumerRecord<>(
                            row.getString("topic"),
                            row.getInt("partition"),
                            row.getLong("record_offset"),
                            row.getBytes("key"),
                            row.getBytes("value"));
                    byte[][] names = (byte[][]) row.getArray("header_names").getArray();
                    byte[][] values = (byte[][]) row.getArray("header_values").getArray();
                    for (int i = 0; i < names.length; i++) {
                        letter.headers().add(new String(names[i], StandardCharsets.UTF_8), values[i]);
                    }
                    for (String place : List.of("partition", "record_offset")) {
                        letter.headers()
                                .add(
                                        ADDED + place.replace("record_", ""),
                                        row.getString(place).getBytes(StandardCharsets.UTF_8));
                    }
                    return letter;
                })
                .list();
    }

    private static List<String> headers(Iterable<Header> headers) {
        return StreamSupport.stream(headers.spliterator(), false)
                .filter(header -> !header.key().startsWith(ADDED))
                .map(header -> header.key() + "=" + Arrays.toString(header.value()))
                .toList();
    }

    private static String text(ConsumerRecord<byte[], byte[]> letter, String name) {
        return new String(
                Objects.requireNonNull(letter.headers().lastHeader(ADDED + name), name)
                        .value(),
                StandardCharsets.UTF_8);
    }

    /** I1: nothing ended otherwise than done, and the application's rows of rewards say the same. */
    private Findings ledger(Generator generator) {
        List<String> campaigns = campaigns(generator);
        return Findings.none()
                .violated(
                        "I1: ended without an effect",
                        jdbc.sql("""
                                        SELECT consumer_group || ' ' || idempotency_key || ' ' || status || ': ' || coalesce(reason, '')
                                        FROM event_routes.delivery
                                        WHERE campaign_id IN (:campaigns) AND status NOT IN ('delivered', 'manual')
                                        """)
                                .param("campaigns", campaigns)
                                .query(String.class)
                                .list())
                .violated(
                        "I1: the application's row of a reward says otherwise",
                        jdbc.sql("""
                                        SELECT u.id || ' ' || u.status
                                        FROM user_rewards u
                                        JOIN rewards r ON r.id = u.reward_id
                                        WHERE CAST(u.campaign_id AS text) IN (:campaigns)
                                          AND u.status <> CASE r.delivery_method WHEN 'manual' THEN 'pending' ELSE 'delivered' END
                                        """)
                                .param("campaigns", campaigns)
                                .query(String.class)
                                .list());
    }

    private List<Effect> byHand(Generator generator) {
        return jdbc.sql("""
                        SELECT event -> 'data' ->> 'user_reward_id' AS reward, id, updated_at
                        FROM event_routes.delivery
                        WHERE consumer_group = 'reward-workers' AND status = 'manual' AND campaign_id IN (:campaigns)
                        """)
                .param("campaigns", campaigns(generator))
                .query((row, n) -> new Effect(
                        Effect.byHand(row.getString("reward")),
                        row.getString("id"),
                        row.getTimestamp("updated_at").toInstant()))
                .list();
    }

    private List<Standing> standings(Generator generator) {
        List<Standing> standings = new ArrayList<>();
        for (People.Campaign campaign : generator.people().campaigns()) {
            standings.addAll(jdbc.sql("""
                            SELECT id, original_position, verified_referral_count, position,
                                   deleted_at IS NULL AND status <> 'blocked' AS takes_part
                            FROM waitlist_users
                            WHERE campaign_id = :campaign
                            """)
                    .param("campaign", campaign.id())
                    .query((row, n) -> new Standing(
                            row.getObject("id", UUID.class),
                            row.getInt("original_position"),
                            row.getInt("verified_referral_count"),
                            campaign.points(),
                            row.getBoolean("takes_part"),
                            row.getLong("position")))
                    .list());
        }
        return standings;
    }

    private static List<String> campaigns(Generator generator) {
        return generator.people().campaigns().stream()
                .map(campaign -> campaign.id().toString())
                .toList();
    }

    /** The hash of each value in the topic, from the first that the generator wrote. */
    private Map<String, String> topicAt(List<Acknowledged> records) {
        Map<Integer, Long> from = new HashMap<>();
        records.forEach(record -> from.merge(record.partition(), record.offset(), Math::min));
        Map<String, String> hashes = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> record : read(Stage.TOPIC, from)) {
            hashes.put(
                    record.partition() + "@" + record.offset(),
                    record.value() == null ? "" : Generator.sha256(record.value()));
        }
        return hashes;
    }

    /** All that a topic holds, of each partition from the offset that is given, else from its beginning. */
    private List<ConsumerRecord<byte[], byte[]>> read(String topic, Map<Integer, Long> from) {
        Map<String, Object> settings = Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                stage.platform().kafka().brokers(),
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "earliest",
                ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG,
                20); // or its end waits for a fetch beyond the end
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(topic, partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            from.forEach((partition, offset) -> consumer.seek(new TopicPartition(topic, partition), offset));
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(Duration.ofMillis(500)).forEach(records::add);
            }
        }
        return records;
    }
}
