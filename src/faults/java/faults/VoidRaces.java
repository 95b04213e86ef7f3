package faults;

import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import faults.People.Campaign;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import routes.dev.DatabaseServer;
import routes.event.DomainEvent;
import routes.event.EventData.RewardEarned;
import routes.event.EventJson;

/**
 * Races of an application that voids rewards against the deliveries of these, by webhook and by mail. Which attempt began when, and in
 * which process, is known from the database itself: a trigger keeps it. So is when a void was committed; and when an effect came about,
 * from the sinks, by the clock of the same machine.
 */
final class VoidRaces implements AutoCloseable {

    private static final int CAMPAIGNS = 20;
    private static final int AT_ONCE = 10;
    private static final Duration INTERVAL = Duration.ofMillis(100);
    private static final int MOST_OPEN = 100;
    private static final int SOON_MILLIS = 300;
    private static final int LATER_MILLIS = 3_000;
    private static final int HELD_MILLIS = 50;

    private final Stage stage;
    private final Random random;
    private final int effectsBefore;
    private final HikariDataSource connections = new HikariDataSource();
    private final JdbcClient jdbc = JdbcClient.create(connections);
    private final TransactionTemplate transaction =
            new TransactionTemplate(new DataSourceTransactionManager(connections));
    private final ScheduledExecutorService application = Executors.newScheduledThreadPool(4);
    private final KafkaProducer<byte[], byte[]> producer;
    private final People people;
    private final List<Campaign> campaigns = new ArrayList<>();
    private final Set<UUID> earned = ConcurrentHashMap.newKeySet();
    private final Map<UUID, ScheduledFuture<?>> voids = new ConcurrentHashMap<>();

    /** When the commit of each void had returned. */
    private final Map<UUID, Instant> voided = new ConcurrentHashMap<>();

    VoidRaces(Stage stage, long seed) {
        this.stage = stage;
        this.random = new Random(seed);
        this.effectsBefore = stage.effects().size();
        connections.setJdbcUrl(stage.platform().database().url());
        connections.setUsername(DatabaseServer.NAME);
        connections.setPassword(DatabaseServer.NAME);
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", stage.platform().kafka().brokers()),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        people = new People(
                stage.platform().database(),
                stage.loadName("voids") + ".example",
                stage.webhooks().url(),
                random);
        for (int i = 0; i < CAMPAIGNS; i++) {
            campaigns.add(people.found(0));
        }
        people.commit();
        for (String statement : List.of("CREATE TABLE begun (delivery uuid, process text, at timestamptz)", """
                CREATE FUNCTION keep_begun() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN
                    INSERT INTO public.begun VALUES (new.id, current_setting('application_name'), clock_timestamp());
                    RETURN new;
                END $$
                """, """
                CREATE TRIGGER begun AFTER UPDATE OF attempts ON event_routes.delivery
                FOR EACH ROW WHEN (new.attempts > old.attempts AND new.status = 'leased') EXECUTE FUNCTION keep_begun()
                """)) {
            jdbc.sql(statement).update();
        }
    }

    /** A start whose sessions bear a name, by which it is known what the process begins. */
    static Service.Start named(String name, Service.Start start) {
        String url = Objects.requireNonNull(start.environment().get("DB_URL"));
        return start.withVariable("DB_URL", url + (url.contains("?") ? "&" : "?") + "ApplicationName=" + name);
    }

    /** Begins more races, ten every tenth of a second, while not too many are open. */
    void begin(int races) {
        for (int left = races; left > 0; left -= AT_ONCE) {
            while (open() > MOST_OPEN) {
                Flow.pause(INTERVAL);
            }
            publish(Math.min(AT_ONCE, left));
            Flow.pause(INTERVAL);
        }
    }

    /** How many have been begun. */
    int size() {
        return earned.size();
    }

    private void publish(int count) {
        List<RewardEarned> rewards = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Campaign campaign = campaigns.get(random.nextInt(CAMPAIGNS));
            People.Person person = people.join(campaign);
            UUID reward = Objects.requireNonNull(campaign.rewards().get(random.nextInt(3) == 0 ? "email" : "webhook"));
            UUID id = people.earn(campaign, person, reward);
            rewards.add(new RewardEarned(
                    id.toString(), person.id.toString(), campaign.id().toString(), reward.toString()));
        }
        people.commit();
        for (RewardEarned reward : rewards) {
            var unused = producer.send(record(reward));
        }
        producer.flush();
        for (RewardEarned reward : rewards) {
            UUID id = UUID.fromString(reward.userRewardId());
            earned.add(id);
            if (random.nextInt(5) > 0) {
                voidWithin(id, random.nextBoolean() ? SOON_MILLIS : LATER_MILLIS);
            }
        }
    }

    private static ProducerRecord<byte[], byte[]> record(RewardEarned reward) {
        DomainEvent event = new DomainEvent(
                UUID.randomUUID().toString(),
                reward.campaignId(),
                reward,
                Instant.now().truncatedTo(ChronoUnit.MILLIS));
        try {
            return new ProducerRecord<>(
                    Stage.TOPIC,
                    reward.campaignId().getBytes(StandardCharsets.UTF_8),
                    EventJson.mapper().writeValueAsBytes(event));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Voids within this time what is still to be voided: while a process is away. */
    void hurry(Duration within) {
        voids.forEach((reward, planned) -> {
            if (planned.cancel(false)) {
                voidWithin(reward, (int) within.toMillis());
            }
        });
    }

    private void voidWithin(UUID reward, int millis) {
        voids.put(reward, application.schedule(() -> takeBack(reward), random.nextInt(millis), TimeUnit.MILLISECONDS));
    }

    /** As an application does: what has been delivered stays so. Some hold the row for a moment before they commit. */
    private void takeBack(UUID reward) {
        boolean changed = transaction.execute(status -> {
            boolean one = jdbc.sql("UPDATE user_rewards SET status = 'voided' WHERE id = ? AND status <> 'delivered'")
                            .param(reward)
                            .update()
                    == 1;
            if (random.nextInt(4) == 0) {
                Flow.pause(Duration.ofMillis(random.nextInt(HELD_MILLIS)));
            }
            return one;
        });
        if (changed) {
            voided.put(
                    reward,
                    jdbc.sql("SELECT clock_timestamp()")
                            .query((row, n) -> row.getTimestamp(1).toInstant())
                            .single());
        }
    }

    /** How many deliveries are not done, and outcomes of which the application has not heard. */
    private int open() {
        return jdbc.sql("SELECT (SELECT count(*) FROM event_routes.delivery"
                        + " WHERE consumer_group = 'reward-workers' AND status IN ('due', 'leased'))"
                        + " + (SELECT count(*) FROM event_routes.untold_outcome)")
                .query(Integer.class)
                .single();
    }

    /** Waits until every race has its end. */
    void awaitEnd(Duration patience) throws Exception {
        for (ScheduledFuture<?> each : voids.values()) {
            each.get();
        }
        await("the end of all races")
                .atMost(patience)
                .pollInterval(INTERVAL)
                .until(() -> said().size() == earned.size() && open() == 0);
    }

    /** What both sides say of a reward in the end. */
    record Said(UUID reward, String status, @Nullable String lastError, UUID delivery, String ledger) {}

    /** An attempt, as the trigger has kept its begin. */
    record Begun(UUID delivery, String process, Instant at) {}

    /** An attempt of a voided reward that its process says has come to something else than being skipped. */
    record Tried(UUID delivery, Instant startedAt) {}

    private List<Said> said() {
        return jdbc.sql("""
                        SELECT ur.id AS reward, ur.status, ur.last_error, d.id AS delivery, d.status AS ledger
                        FROM event_routes.delivery d
                        JOIN user_rewards ur ON CAST(ur.id AS text) = d.event #>> '{data,user_reward_id}'
                        WHERE d.consumer_group = 'reward-workers' AND ur.campaign_id IN (:campaigns)
                        """)
                .param("campaigns", campaigns.stream().map(Campaign::id).toList())
                .query(Said.class)
                .list();
    }

    /**
     * Holds what was paid against what was voided. To be called when all has come to its end. An effect is explained by an attempt that
     * began before the commit of the void had returned, in a process that ran when the effect came about; each attempt explains one.
     *
     * @param ran whether a process ran at a moment
     * @param repeatsAllowed how many effects may have been repeated
     */
    Findings check(BiPredicate<String, Instant> ran, int repeatsAllowed) {
        Map<UUID, List<Begun>> begun = new HashMap<>();
        for (Begun one :
                jdbc.sql("SELECT * FROM begun ORDER BY at").query(Begun.class).list()) {
            begun.computeIfAbsent(one.delivery(), id -> new ArrayList<>()).add(one);
        }
        Map<UUID, List<Instant>> tried = new HashMap<>();
        for (Tried one : jdbc.sql("SELECT delivery_id AS delivery, started_at FROM event_routes.delivery_attempt"
                        + " WHERE outcome <> 'skipped'")
                .query(Tried.class)
                .list()) {
            tried.computeIfAbsent(one.delivery(), id -> new ArrayList<>()).add(one.startedAt());
        }
        Map<UUID, List<Effect>> effects = new HashMap<>();
        for (Effect effect :
                stage.effects().list().subList(effectsBefore, stage.effects().size())) {
            effects.computeIfAbsent(delivery(effect), id -> new ArrayList<>()).add(effect);
        }

        List<String> lost = new ArrayList<>();
        List<String> paidAfter = new ArrayList<>();
        List<String> untold = new ArrayList<>();
        List<String> overwritten = new ArrayList<>();
        int kept = 0;
        int tooLate = 0;
        int perhaps = 0;
        int repeats = 0;
        Duration longest = Duration.ZERO;
        for (Said said : said()) {
            List<Effect> its = effects.getOrDefault(said.delivery(), List.of());
            repeats += Math.max(0, its.size() - 1);
            Instant commit = voided.get(said.reward());
            if (commit == null) {
                if (its.isEmpty()
                        || !said.status().equals("delivered")
                        || !said.ledger().equals("delivered")) {
                    lost.add(said.toString());
                }
                continue;
            }
            boolean isTold = said.lastError() != null && said.lastError().startsWith("voided too late");
            kept += its.isEmpty() ? 1 : 0;
            tooLate += its.isEmpty() ? 0 : 1;
            perhaps += its.isEmpty() && isTold ? 1 : 0;
            if (!said.status().equals("voided")) {
                overwritten.add(said.toString());
            }
            if (!its.isEmpty() && !isTold) {
                untold.add(said.toString());
            }
            if (tried.getOrDefault(said.delivery(), List.of()).stream().anyMatch(commit::isBefore)
                    || !areExplained(its, begun.getOrDefault(said.delivery(), List.of()), commit, ran)) {
                paidAfter.add(
                        "%s, void %s, begun %s, effects %s".formatted(said, commit, begun.get(said.delivery()), its));
            }
            for (Effect effect : its) {
                Duration after = Duration.between(commit, effect.at());
                longest = after.compareTo(longest) > 0 ? after : longest;
            }
        }
        return Findings.none()
                .figure("races", earned.size())
                .figure("voids", voided.size())
                .figure("nothing paid", kept)
                .figure("voided too late, and told", tooLate - untold.size())
                .figure("told that it was perhaps too late, and nothing paid", perhaps)
                .figure("latest effect of an attempt under way at the void, s after it", Watch.seconds(longest))
                .figure("repeated under the same id", repeats)
                .figure("repeats allowed", repeatsAllowed)
                .figure("paid by an attempt that began after the void", paidAfter.size())
                .figure("too late and not told", untold.size())
                .violated("paid by an attempt that began after the void was committed", paidAfter)
                .violated("voided too late and not told", untold)
                .violated("a void was overwritten", overwritten)
                .violated("I1: not voided and not delivered", lost)
                // Of the few races of the short form, one side may win all.
                .require(!Stage.isLong() || (kept > 0 && tooLate > 0), "one side has won all races")
                .require(
                        repeats <= repeatsAllowed,
                        "I2: %d effects were repeated, at most %d were in flight".formatted(repeats, repeatsAllowed));
    }

    private static boolean areExplained(
            List<Effect> effects, List<Begun> begun, Instant commit, BiPredicate<String, Instant> ran) {
        Set<Begun> used = new HashSet<>();
        return effects.stream().allMatch(effect -> begun.stream()
                .filter(attempt -> attempt.at().isBefore(commit)
                        && attempt.at().isBefore(effect.at())
                        && ran.test(attempt.process(), effect.at())
                        && !used.contains(attempt))
                .findFirst()
                .map(used::add)
                .orElse(false));
    }

    private static UUID delivery(Effect effect) {
        return UUID.fromString(effect.id().replaceFirst("^(msg_|<)", "").replaceFirst("@.*", ""));
    }

    @Override
    public void close() {
        application.shutdownNow();
        producer.close();
        jdbc.sql("DROP TRIGGER begun ON event_routes.delivery").update();
        jdbc.sql("DROP FUNCTION keep_begun").update();
        jdbc.sql("DROP TABLE begun").update();
        people.close();
        connections.close();
    }
}
