package faults;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import routes.event.DomainEvent;
import routes.event.EventData;
import routes.event.EventData.CampaignMilestoneReached;
import routes.event.EventData.ReferralCreated;
import routes.event.EventData.ReferralVerified;
import routes.event.EventData.RewardEarned;
import routes.event.EventData.UserSignedUp;
import routes.event.EventData.UserVerified;
import routes.event.EventJson;
import routes.event.EventType;

/**
 * Publishes events of all types at a rate, past the service's own publisher, and keeps every record that the broker has acknowledged. What
 * was not acknowledged is sent again until it is, as an application with an outbox does. All that is random comes from the load's seed.
 */
final class Generator implements AutoCloseable {

    /** What an event says has happened. */
    enum Kind {
        SIGNED_UP(25),
        VERIFIED(15),
        REFERRAL_CREATED(10),
        REFERRAL_VERIFIED(25),
        REWARD_BY_MAIL(9),
        REWARD_BY_WEBHOOK(12),
        REWARD_BY_HAND(4),
        MILESTONE(0);

        private static final int SUM = 100;

        private final int share;

        Kind(int share) {
            this.share = share;
        }

        private static Kind any(Random random) {
            // Each is a mail to everybody: one in 400 is plenty.
            if (random.nextInt(400) == 0) {
                return MILESTONE;
            }
            int left = random.nextInt(SUM);
            for (Kind kind : values()) {
                left -= kind.share;
                if (left < 0) {
                    return kind;
                }
            }
            throw new AssertionError();
        }
    }

    /** A record to be sent, and what has to come of it. */
    record Message(
            ProducerRecord<byte[], byte[]> record,
            String eventId,
            @Nullable EventType type,
            String idempotencyKey,
            List<String> effects,
            Set<String> deadLetterOf) {}

    private static final int TICK_MILLIS = 50;
    private static final int REMEMBERED = 500;

    /** How far the load may be ahead of the effects: a machine that is too slow for it is not to drown in it. */
    private static final int SECONDS_AHEAD = 10;

    private final Load load;
    private final String topic;
    private final Random random;
    private final People people;
    private final People.Campaign everybodysMilestones;
    private final KafkaProducer<byte[], byte[]> producer;
    private final BufferedWriter log;
    private final List<Acknowledged> acknowledged = new ArrayList<>();
    private final Queue<Message> refused = new ConcurrentLinkedQueue<>();
    private final List<Message> sentBefore = new ArrayList<>();
    private final double[] popularity;
    private final Stage stage;
    private final long seenBefore;
    private long asked;
    private int milestones = 1_000;
    private @Nullable Thread thread;
    private volatile boolean running;
    private volatile @Nullable Throwable failure;

    Generator(Load load, Stage stage, Path log) {
        this.load = load;
        this.stage = stage;
        this.seenBefore = stage.effects().size();
        this.topic = Stage.TOPIC;
        this.random = new Random(load.seed() ^ load.name().hashCode());
        this.people = new People(
                stage.platform().database(),
                load.name() + ".example",
                stage.webhooks().url(),
                random);
        this.popularity = zipf(load.campaigns());
        for (int i = 0; i < load.campaigns(); i++) {
            people.found(load.people());
        }
        this.everybodysMilestones = people.found(load.people());
        people.commit();
        this.producer = new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                                stage.platform().kafka().brokers(),
                        ProducerConfig.ACKS_CONFIG, "all",
                        ProducerConfig.LINGER_MS_CONFIG, 5,
                        ProducerConfig.MAX_BLOCK_MS_CONFIG, 180_000,
                        ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 500),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        try {
            this.log = Files.newBufferedWriter(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static double[] zipf(int count) {
        double[] upTo = new double[count];
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += 1.0 / (i + 1);
            upTo[i] = sum;
        }
        return upTo;
    }

    Load load() {
        return load;
    }

    People people() {
        return people;
    }

    synchronized List<Acknowledged> acknowledged() {
        return List.copyOf(acknowledged);
    }

    /** Begins to publish at the load's rate, in a thread of its own. */
    Generator start() {
        running = true;
        Thread publishing = new Thread(this::publishAtRate, "generator");
        publishing.setDaemon(true);
        publishing.setUncaughtExceptionHandler((which, e) -> failure = e);
        publishing.start();
        thread = publishing;
        return this;
    }

    private void publishAtRate() {
        long begin = System.nanoTime();
        long published = 0;
        while (running) {
            long wanted = (System.nanoTime() - begin) * load.rate() / TimeUnit.SECONDS.toNanos(1);
            // What was missed while a server was away is not made up for all at once.
            int now = (int) Math.min(wanted - published, load.rate());
            if (ahead() < (long) load.rate() * SECONDS_AHEAD) {
                publish(now);
            }
            published = wanted;
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(TICK_MILLIS));
        }
    }

    /** How many effects that sinks can see were asked for and are not there yet. */
    private long ahead() {
        return asked - (stage.effects().size() - seenBefore);
    }

    /** Stops, after all that was begun has been acknowledged. */
    void stop() {
        running = false;
        try {
            if (thread != null) {
                thread.join();
            }
            awaitAcknowledged();
            log.flush();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (failure != null) {
            throw new IllegalStateException("The generator failed", failure);
        }
    }

    /** Publishes that many random records; does not wait for the broker's word. */
    void publish(int count) {
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            messages.add(any());
        }
        people.commit();
        messages.forEach(this::send);
        for (Message again = refused.poll(); again != null; again = refused.poll()) {
            send(again);
        }
    }

    private Message any() {
        double dice = random.nextDouble();
        if (dice < load.poison()) {
            return poison(load.poisons().get(random.nextInt(load.poisons().size())));
        }
        if (dice < load.poison() + load.duplicates() && !sentBefore.isEmpty()) {
            return sentBefore.get(random.nextInt(sentBefore.size()));
        }
        Message message = prepare(Kind.any(random));
        if (sentBefore.size() < REMEMBERED) {
            sentBefore.add(message);
        } else {
            sentBefore.set(random.nextInt(REMEMBERED), message);
        }
        return message;
    }

    private Message poison(Poison poison) {
        ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(topic, null, utf8(people.uuid().toString()), poison.value());
        record.headers().add("trace", utf8(people.uuid().toString())).add("trace", new byte[] {0, (byte) 0xff});
        return new Message(record, poison.name(), null, "", List.of(), poison.deadLetterOf());
    }

    /** An event whose rows have been written, to be published by hand. Its effect is its own: a reward goes to somebody who has no other. */
    Message prepared(Kind kind) {
        Message message =
                switch (kind) {
                    case REWARD_BY_MAIL, REWARD_BY_WEBHOOK, REWARD_BY_HAND -> {
                        People.Campaign campaign = anyCampaign();
                        yield prepare(kind, campaign, people.join(campaign));
                    }
                    default -> prepare(kind);
                };
        people.commit();
        return message;
    }

    /** Publishes one event and waits for the broker's word. */
    void publish(Message message) {
        send(message);
        awaitAcknowledged();
    }

    private Message prepare(Kind kind) {
        People.Campaign campaign = kind == Kind.MILESTONE ? everybodysMilestones : anyCampaign();
        return prepare(
                kind,
                campaign,
                campaign.members().get(random.nextInt(campaign.members().size())));
    }

    private Message prepare(Kind kind, People.Campaign campaign, People.Person member) {
        String campaignId = campaign.id().toString();
        String personId = member.id.toString();
        return switch (kind) {
            case SIGNED_UP -> {
                People.Person person = people.join(campaign);
                yield message(
                        new UserSignedUp(person.id.toString(), campaignId, person.email),
                        Effect.mail("welcome", person.email));
            }
            case VERIFIED -> {
                People.Person person = people.join(campaign);
                yield message(
                        new UserVerified(person.id.toString(), campaignId, person.email),
                        Effect.mail("verified", person.email));
            }
            case REFERRAL_CREATED ->
                message(new ReferralCreated(
                        id(), personId, people.join(campaign).id.toString(), campaignId));
            case REFERRAL_VERIFIED -> {
                people.refer(member);
                yield message(
                        new ReferralVerified(
                                id(), personId, id(), campaignId, campaign.pointsInEvents() ? campaign.points() : null),
                        Effect.mail("position", member.email));
            }
            case REWARD_BY_MAIL -> reward(campaign, member, "email");
            case REWARD_BY_WEBHOOK -> reward(campaign, member, "webhook");
            case REWARD_BY_HAND -> reward(campaign, member, "manual");
            case MILESTONE -> {
                int number = milestones++;
                yield message(
                        new CampaignMilestoneReached(campaignId, number + "_participants", number),
                        campaign.members().stream()
                                .map(each -> Effect.mail("milestone-" + number, each.email))
                                .toArray(String[]::new));
            }
        };
    }

    private Message reward(People.Campaign campaign, People.Person person, String method) {
        UUID reward = Objects.requireNonNull(campaign.rewards().get(method));
        String userReward = people.earn(campaign, person, reward).toString();
        String userId = person.id.toString();
        return message(
                new RewardEarned(userReward, userId, campaign.id().toString(), reward.toString()),
                Effect.mail("earned", person.email),
                switch (method) {
                    case "email" -> Effect.mail("reward", person.email);
                    case "webhook" -> Effect.webhook(userId, reward.toString());
                    default -> Effect.byHand(userReward);
                });
    }

    private People.Campaign anyCampaign() {
        double dice = random.nextDouble() * popularity[popularity.length - 1];
        int index = 0;
        while (popularity[index] < dice) {
            index++;
        }
        return people.campaigns().get(index);
    }

    private Message message(EventData data, String... effects) {
        DomainEvent event =
                new DomainEvent(id(), data.campaignId(), data, Instant.now().truncatedTo(ChronoUnit.MILLIS));
        byte[] value;
        try {
            value = EventJson.mapper().writeValueAsBytes(event);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, null, utf8(data.campaignId()), value);
        if (random.nextBoolean()) { // with the headers of a CloudEvent, as this service's own publisher
            record.headers()
                    .add("ce_specversion", utf8("1.0"))
                    .add("ce_id", utf8(event.id()))
                    .add("ce_type", utf8(event.type().value()))
                    .add("ce_time", utf8(event.timestamp().toString()));
        }
        asked += Stream.of(effects).filter(Effect::isSeenBySinks).count();
        return new Message(record, event.id(), event.type(), event.idempotencyKey(), List.of(effects), Set.of());
    }

    private String id() {
        return people.uuid().toString();
    }

    /** Sends a message, also one that was sent before. */
    void send(Message message) {
        var unused = producer.send(message.record(), (written, refusal) -> {
            if (refusal == null) {
                keep(message, written);
            } else {
                refused.add(message);
            }
        });
    }

    /** Keeps what the broker has acknowledged, also to somebody else who sent it. */
    synchronized void keep(Message message, RecordMetadata written) {
        byte[] value = message.record().value();
        Acknowledged record = new Acknowledged(
                written.partition(),
                written.offset(),
                message.eventId(),
                value == null ? "" : sha256(value),
                message.type(),
                message.idempotencyKey(),
                message.effects(),
                message.type() == null ? message.record() : null,
                message.deadLetterOf());
        acknowledged.add(record);
        try {
            log.write("%s\t%d\t%d\t%s\t%s%n"
                    .formatted(topic, record.partition(), record.offset(), record.eventId(), record.sha256()));
        } catch (IOException e) {
            failure = e;
        }
    }

    private void awaitAcknowledged() {
        producer.flush();
        for (Message again = refused.poll(); again != null; again = refused.poll()) {
            send(again);
            producer.flush();
        }
    }

    static String sha256(byte[] value) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(value));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        running = false;
        producer.close(Duration.ZERO);
        people.close();
        log.close();
    }
}
