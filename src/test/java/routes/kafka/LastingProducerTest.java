package routes.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.mockito.Mockito.mock;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Kafka's own producer accepts records forever after its thread has ended, and never answers; and each send waits for brokers anew. */
@Execution(ExecutionMode.CONCURRENT)
class LastingProducerTest {

    private static final ProducerRecord<byte[], byte[]> RECORD = new ProducerRecord<>("topic", new byte[0]);

    private final List<MockProducer<byte[], byte[]>> made = new ArrayList<>();

    @Test
    void anAnswerThatIsLateIsNoneAndWhatIsSentNextHasANewProducer() {
        Properties properties = new Properties();
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, "-9000"); // so that a second is late
        try (LastingProducer<byte[], byte[]> producer = new LastingProducer<>(this::make, properties, "a test")) {
            List<Exception> told = new ArrayList<>();

            Future<RecordMetadata> answer = producer.send(RECORD, (written, failure) -> told.add(failure));

            assertThat(answer)
                    .failsWithin(Duration.ofSeconds(60))
                    .withThrowableThat()
                    .havingCause()
                    .isInstanceOf(TimeoutException.class)
                    .withMessageContaining("not answered within 1 s");
            assertThat(told).singleElement().isInstanceOf(TimeoutException.class);
            await().until(() -> {
                var unused = producer.send(RECORD);
                return made.size() == 2;
            });
            assertThat(made.get(0).closed()).isTrue();
            made.get(1).completeNext();
            assertThat(made.get(1).history()).isNotEmpty();
        }
    }

    /** As an error in it does, such as of the memory. */
    @Test
    void aRecordWhoseClientsThreadHasEndedFailsSoonAndTheNextHasANewOne() throws Exception {
        List<WithThread> clients = new ArrayList<>();
        try (LastingProducer<byte[], byte[]> producer =
                new LastingProducer<>(() -> made(clients, true), new Properties(), "a test")) {
            Future<RecordMetadata> unanswered = producer.send(RECORD);
            clients.get(0).end();

            assertThat(unanswered)
                    .failsWithin(Duration.ofSeconds(60))
                    .withThrowableThat()
                    .havingCause()
                    .isInstanceOf(RetriableException.class)
                    .withMessageContaining("thread has ended");
            await().until(() -> {
                var unused = producer.send(RECORD);
                return clients.size() == 2;
            });
            assertThat(clients.get(0).closed()).isTrue();
        }
    }

    /** Kafka's producer would wait for the partitions of each topic for as long as it may, and say that it knows none. */
    @Test
    void aClientWhoseThreadEndedBeforeItKnewTheTopicIsReplacedToo() throws Exception {
        List<WithThread> clients = new ArrayList<>();
        try (LastingProducer<byte[], byte[]> producer =
                new LastingProducer<>(() -> made(clients, !clients.isEmpty()), new Properties(), "a test")) {
            assertThat(producer.send(RECORD)).failsWithin(Duration.ZERO);
            clients.get(0).end();

            await().until(() -> {
                var unused = producer.send(RECORD);
                return clients.size() == 2;
            });
            clients.get(1).completeNext();
            assertThat(clients.get(1).history()).isNotEmpty();
        }
    }

    @Test
    void theThreadOfKafkasProducerIsFoundAndItsEndIsSeen() {
        Properties properties = new Properties();
        properties.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:1");
        properties.put(ProducerConfig.CLIENT_ID_CONFIG, "of two");
        SenderThread first;
        SenderThread second;
        try (var one = new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            first = SenderThread.of(one);
            try (var other = new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
                second = SenderThread.of(other);
                assertThat(second.hasEnded()).isFalse();
            }
            assertThat(second.hasEnded()).isTrue();
            assertThat(first.hasEnded()).isFalse();
        }
        assertThat(first.hasEnded()).isTrue();
    }

    @Test
    void eachOfManyRecordsThatAreNotAnsweredIsLate() {
        Properties properties = new Properties();
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, "-7000"); // so that three seconds are late
        try (LastingProducer<byte[], byte[]> producer = new LastingProducer<>(this::make, properties, "a test")) {
            Future<RecordMetadata> first = producer.send(RECORD);
            Future<RecordMetadata> answered = producer.send(RECORD);
            Future<RecordMetadata> third = producer.send(RECORD);
            made.get(0).completeNext();

            assertThat(first).succeedsWithin(Duration.ofSeconds(60));
            made.get(0).completeNext();
            assertThat(answered).succeedsWithin(Duration.ofSeconds(60));
            assertThat(third).failsWithin(Duration.ofSeconds(60));
            Future<RecordMetadata> later = producer.send(RECORD);
            assertThat(later).failsWithin(Duration.ofSeconds(60));
        }
    }

    @Test
    void anAnswerIsPassedOn() {
        try (LastingProducer<byte[], byte[]> producer = new LastingProducer<>(this::make, new Properties(), "a test")) {
            Future<RecordMetadata> written = producer.send(RECORD);
            Future<RecordMetadata> refused = producer.send(RECORD);

            made.get(0).completeNext();
            made.get(0).errorNext(new IllegalStateException("refused"));

            assertThat(written).succeedsWithin(Duration.ofSeconds(60));
            assertThat(refused)
                    .failsWithin(Duration.ofSeconds(60))
                    .withThrowableThat()
                    .havingCause()
                    .withMessage("refused");
        }
    }

    @Test
    void ofManyRecordsForBrokersThatCannotBeReachedOneWaits() {
        Properties properties = new Properties();
        properties.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:1");
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, "300");
        AtomicInteger waits = new AtomicInteger();
        Supplier<Producer<byte[], byte[]>> maker =
                () -> new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer()) {
                    @Override
                    public Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> message, Callback callback) {
                        waits.incrementAndGet();
                        return super.send(message, callback);
                    }
                };
        try (LastingProducer<byte[], byte[]> producer = new LastingProducer<>(maker, properties, "a test")) {
            List<Exception> told = new ArrayList<>();

            List<Future<RecordMetadata>> answers = Stream.generate(
                            () -> producer.send(RECORD, (written, failure) -> told.add(failure)))
                    .limit(20)
                    .toList();

            assertThat(answers).allSatisfy(answer -> assertThat(answer)
                    .failsWithin(Duration.ZERO)
                    .withThrowableThat()
                    .havingCause()
                    .isInstanceOf(TimeoutException.class)
                    .withMessageContaining("not present in metadata"));
            assertThat(told).hasSize(20).hasOnlyElementsOfType(TimeoutException.class);
            assertThat(waits).hasValueLessThan(5); // one, unless this machine paused in between
        }
    }

    @Test
    void aTopicThatWasWaitedForInVainIsTriedAgainSoonAndHoldsUpNoOther() {
        WithoutMetadata kafka = new WithoutMetadata();
        kafka.known.add("another");
        try (LastingProducer<byte[], byte[]> producer =
                new LastingProducer<>(() -> kafka, new Properties(), "a test")) {
            assertThat(producer.send(RECORD)).failsWithin(Duration.ZERO);

            assertThat(producer.send(new ProducerRecord<>("another", new byte[0])))
                    .succeedsWithin(Duration.ZERO);
            kafka.known.add(RECORD.topic());
            await().untilAsserted(() -> assertThat(producer.send(RECORD)).succeedsWithin(Duration.ZERO));
        }
    }

    @Test
    void aRecordThatGetsThroughAfterAllOpensTheTopicForThoseBehindIt() {
        WithoutMetadata kafka = new WithoutMetadata();
        try (LastingProducer<byte[], byte[]> producer =
                new LastingProducer<>(() -> kafka, new Properties(), "a test")) {
            kafka.meanwhile = () -> {
                assertThat(producer.send(RECORD)).failsWithin(Duration.ZERO);
                kafka.known.add(RECORD.topic());
            };

            assertThat(producer.send(RECORD)).succeedsWithin(Duration.ZERO);
            assertThat(producer.send(RECORD)).succeedsWithin(Duration.ZERO);
        }
    }

    @Test
    void aRecordThatWasAcceptedAndNotDeliveredInTimeHoldsUpNoOther() {
        try (LastingProducer<byte[], byte[]> producer = new LastingProducer<>(this::make, new Properties(), "a test")) {
            Future<RecordMetadata> expired = producer.send(RECORD);
            CompletableFuture.runAsync(() -> made.get(0).errorNext(new TimeoutException("expired")))
                    .join(); // Kafka tells it in a thread of its own
            assertThat(expired).failsWithin(Duration.ofSeconds(60));

            Future<RecordMetadata> next = producer.send(RECORD);

            made.get(0).completeNext();
            assertThat(next).succeedsWithin(Duration.ofSeconds(60));
        }
    }

    private MockProducer<byte[], byte[]> make() {
        MockProducer<byte[], byte[]> producer =
                new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
        made.add(producer);
        return producer;
    }

    /** A client that is closed waits for its thread, which says of each record that it has failed. */
    @Test
    void aClientThatIsReplacedMayFailItsOtherRecordsMeanwhile() {
        List<FailingAtItsEnd> clients = new ArrayList<>();
        try (LastingProducer<byte[], byte[]> producer = new LastingProducer<>(
                () -> {
                    clients.add(new FailingAtItsEnd());
                    return clients.get(clients.size() - 1);
                },
                new Properties(),
                "a test")) {
            Future<RecordMetadata> first = producer.send(RECORD);
            Future<RecordMetadata> second = producer.send(RECORD);
            clients.get(0).errorNext(new SaslAuthenticationException("wrong password"));
            assertThat(first).failsWithin(Duration.ofSeconds(60));

            await().until(() -> {
                var unused = producer.send(RECORD);
                return clients.size() == 2;
            });

            assertThat(clients.get(0).hasFailedTheRest).isTrue();
            assertThat(second).failsWithin(Duration.ZERO);
        }
    }

    /** As Kafka's does after an error of idempotence that it cannot recover from: each of its sends fails, for as long as it lives. */
    @Test
    void aClientThatAcceptsNothingAnyMoreIsReplaced() {
        KafkaException fatal = new KafkaException("Cannot perform send because at least one previous request failed");
        try (LastingProducer<byte[], byte[]> producer = new LastingProducer<>(this::make, new Properties(), "a test")) {
            var unused = producer.send(RECORD);
            made.get(0).sendException = fatal;
            assertThatThrownBy(() -> producer.send(RECORD)).hasMessage(fatal.getMessage());

            await().ignoreExceptions().until(() -> {
                var another = producer.send(RECORD);
                return made.size() == 2;
            });
            assertThat(made.get(0).closed()).isTrue();
        }
    }

    private static final class FailingAtItsEnd extends MockProducer<byte[], byte[]> {

        private boolean hasFailedTheRest;

        FailingAtItsEnd() {
            super(false, null, new ByteArraySerializer(), new ByteArraySerializer());
        }

        @Override
        public void close(Duration timeout) {
            Thread thread = new Thread(() -> errorNext(new SaslAuthenticationException("wrong password")));
            thread.setDaemon(true);
            thread.start();
            try {
                thread.join(30_000);
                hasFailedTheRest = !thread.isAlive();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static WithThread made(List<WithThread> clients, boolean knows) {
        WithThread client = new WithThread("client-" + UUID.randomUUID(), knows);
        clients.add(client);
        return client;
    }

    /** With a thread, as Kafka's own. Nothing is answered by it. */
    private static final class WithThread extends MockProducer<byte[], byte[]> {

        private final CountDownLatch end = new CountDownLatch(1);
        private final Thread thread;
        private final boolean knows;

        WithThread(String id, boolean knows) {
            super(false, null, new ByteArraySerializer(), new ByteArraySerializer());
            this.knows = knows;
            setMockMetrics(new MetricName("any", "any", "any", Map.of("client-id", id)), mock(Metric.class));
            thread = new Thread(this::last, KafkaProducer.NETWORK_THREAD_PREFIX + " | " + id);
            thread.setDaemon(true);
            thread.start();
        }

        private void last() {
            try {
                end.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        void end() throws InterruptedException {
            end.countDown();
            thread.join();
        }

        @Override
        public synchronized Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> message, Callback callback) {
            if (knows) {
                return super.send(message, callback);
            }
            TimeoutException failure = new TimeoutException("not present in metadata");
            callback.onCompletion(null, failure);
            return CompletableFuture.failedFuture(failure);
        }
    }

    /** As Kafka's own after it has waited for a topic in vain: it calls back in the thread that sends, and throws nothing. */
    private static final class WithoutMetadata extends MockProducer<byte[], byte[]> {

        private final Set<String> known = new HashSet<>();
        private Runnable meanwhile = () -> {};

        WithoutMetadata() {
            super(true, null, new ByteArraySerializer(), new ByteArraySerializer());
        }

        @Override
        public synchronized Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> message, Callback callback) {
            Runnable other = meanwhile;
            meanwhile = () -> {};
            other.run();
            if (known.contains(message.topic())) {
                return super.send(message, callback);
            }
            TimeoutException failure = new TimeoutException("not present in metadata");
            callback.onCompletion(null, failure);
            return CompletableFuture.failedFuture(failure);
        }
    }
}
