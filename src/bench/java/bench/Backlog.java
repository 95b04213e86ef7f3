package bench;

import bench.Waitlist.Side;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.transaction.support.TransactionTemplate;
import routes.event.EventData.ReferralVerified;
import routes.event.EventJson;
import routes.event.Events;

/** Verified referrals in a topic of one side, and how much of it is not read yet. */
final class Backlog implements AutoCloseable {

    static final String GROUP = "position-workers";
    private static final int PARTITIONS = 10;

    private final String topic;
    private final Waitlist waitlist;
    private final Side side;
    private final Admin admin;
    private final KafkaProducer<byte[], byte[]> producer;
    private final Map<String, Object> brokers;

    Backlog(String brokers, String topic, Waitlist waitlist, Side side) {
        this.brokers = Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, brokers);
        this.topic = topic;
        this.waitlist = waitlist;
        this.side = side;
        this.admin = Admin.create(this.brokers);
        this.producer = new KafkaProducer<>(this.brokers, new ByteArraySerializer(), new ByteArraySerializer());
    }

    void createTopic() throws Exception {
        admin.createTopics(List.of(new NewTopic(topic, PARTITIONS, (short) 1)))
                .all()
                .get();
    }

    /**
     * Does what the application does: counts referrals in one transaction, then publishes them.
     *
     * @param counted called between the two
     */
    void add(int events, Runnable counted) throws Exception {
        List<UUID> referrers = waitlist.draw(events);
        waitlist.count(side, referrers);
        counted.run();
        String campaign = waitlist.campaign().toString();
        for (UUID referrer : referrers) {
            byte[] value = EventJson.mapper()
                    .writeValueAsBytes(Events.of(new ReferralVerified(
                            Events.id(), referrer.toString(), Events.id(), campaign, Waitlist.POINTS)));
            var unused = producer.send(new ProducerRecord<>(topic, campaign.getBytes(StandardCharsets.UTF_8), value));
        }
        producer.flush();
    }

    /** Events that the group has not committed yet. */
    long lag() throws Exception {
        Map<TopicPartition, OffsetAndMetadata> committed = admin.listConsumerGroupOffsets(GROUP)
                .partitionsToOffsetAndMetadata()
                .get();
        long lag = 0;
        for (var end : admin.listOffsets(IntStream.range(0, PARTITIONS)
                        .mapToObj(partition -> new TopicPartition(topic, partition))
                        .collect(Collectors.toMap(partition -> partition, partition -> OffsetSpec.latest())))
                .all()
                .get()
                .entrySet()) {
            OffsetAndMetadata offset = committed.get(end.getKey());
            lag += end.getValue().offset() - (offset == null ? 0 : offset.offset());
        }
        return lag;
    }

    /** Waits until the group has committed everything. */
    void awaitDrained() throws Exception {
        while (lag() > 0) {
            Thread.sleep(10);
        }
    }

    /** What was done, and how long it took from the first record on. */
    record Done(long events, double seconds) {

        double rate() {
            return events / seconds;
        }
    }

    /**
     * What the reference does: one event after the other, each rewrites its campaign and is then committed.
     *
     * @param events how many it is to do
     * @param most when it is to stop before
     */
    Done consumeAsTheReference(TransactionTemplate transaction, long events, Duration most) {
        Map<String, Object> properties = new HashMap<>(brokers);
        properties.put(ConsumerConfig.GROUP_ID_CONFIG, "reference");
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        long start = 0;
        long done = 0;
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(topic));
            while (done < events && (start == 0 || System.nanoTime() - start < most.toNanos())) {
                for (var record : consumer.poll(Duration.ofMillis(100))) {
                    start = start == 0 ? System.nanoTime() : start;
                    rewrite(transaction);
                    consumer.commitSync(Map.of(
                            new TopicPartition(topic, record.partition()), new OffsetAndMetadata(record.offset() + 1)));
                    done++;
                    if (done >= events || System.nanoTime() - start >= most.toNanos()) {
                        break;
                    }
                }
            }
        }
        return new Done(done, (System.nanoTime() - start) / 1e9);
    }

    /** Until it is done: it locks rows in the order in which it finds them, and the application in another one. */
    private void rewrite(TransactionTemplate transaction) {
        while (true) {
            try {
                waitlist.rewrite(transaction);
                return;
            } catch (ConcurrencyFailureException again) {
                // a deadlock, which the database counts
            }
        }
    }

    @Override
    public void close() {
        producer.close();
        admin.close();
    }
}
