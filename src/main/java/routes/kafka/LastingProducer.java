package routes.kafka;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.metrics.KafkaMetric;
import org.jspecify.annotations.Nullable;
import routes.background.Trouble;

/**
 * A producer that recovers. Kafka's own idempotent producer refuses everything forever after one failed login (TransactionManager's fatal
 * error, kafka-clients 4.4), and keeps the certificates and the login that it was created with. Here, a new client sends the next record
 * after a failed login, with reloaded certificates and a new login: at most one client per {@link Trouble#LONGEST_PAUSE}.
 *
 * <p>An {@link Error} ends the {@linkplain SenderThread thread} of Kafka's producer, so that no answer ever arrives and callers wait
 * forever. Here, they learn that within a second or two, or when they have waited for the topic, and the next record has a new client. So it
 * has after an answer that is later than {@code delivery.timeout.ms} allows.
 *
 * <p>Kafka's producer waits up to {@code max.block.ms} for brokers that it cannot reach, for each record anew: for a list of a thousand,
 * hours. Here, once a record has waited in vain, sending to its topic fails at once for a second.
 *
 * <p>Without transactions, which this service does not use. Thread-safe.
 */
class LastingProducer<K, V> implements Producer<K, V> {

    /** How much longer than {@code delivery.timeout.ms} Kafka's client may take on a busy machine. */
    private static final long LATENESS_MILLIS = 10_000;

    /** How long nothing else waits for a topic: longer than a list takes to be handed over, and soon over when brokers are back. */
    private static final long CLOSED_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Supplier<Producer<K, V>> maker;
    private final long answerNanos;
    private final Trouble trouble;
    private final Set<Answer> outstanding = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean watching = new AtomicBoolean();
    private final Map<String, Closed> closed = new ConcurrentHashMap<>();
    private volatile @Nullable Client<K, V> current;
    private @Nullable KafkaException unmade;

    /** What failed a login, or does not answer. Without a lock: Kafka's threads say so, and are waited for when a client is closed. */
    private volatile @Nullable Client<K, V> refused;

    private long triedAt;

    /** A client of Kafka, and the thread by which it sends. */
    private record Client<K, V>(Producer<K, V> producer, SenderThread thread) {

        private boolean hasEnded() {
            return thread.hasEnded();
        }
    }

    /** Nobody answers any more: the thread of the client has ended. */
    private static final class ThreadEndedException extends RetriableException {

        private ThreadEndedException() {
            super("the producer's thread has ended, and the producer is replaced");
        }
    }

    /** The answer of a client comes later than it ever should. */
    private static final class NoAnswerException extends TimeoutException {

        private NoAnswerException(long nanos) {
            super("the producer has not answered within %d s, and is replaced"
                    .formatted(TimeUnit.NANOSECONDS.toSeconds(nanos)));
        }
    }

    /**
     * Creates the first client. If that fails, sending fails until it succeeds; the service starts all the same.
     *
     * @param maker creates Kafka's producer
     * @param properties the properties that it uses
     * @param whose the name in the log
     */
    LastingProducer(Supplier<Producer<K, V>> maker, Properties properties, String whose) {
        this.maker = maker;
        this.answerNanos = TimeUnit.MILLISECONDS.toNanos(LATENESS_MILLIS
                + Long.parseLong(
                        String.valueOf(properties.getOrDefault(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, "120000"))));
        this.trouble = new Trouble(whose);
        make();
    }

    private void make() {
        triedAt = System.nanoTime();
        unmade = null;
        try {
            Producer<K, V> made = maker.get();
            current = new Client<>(made, SenderThread.of(made));
        } catch (KafkaException e) {
            unmade = e;
            trouble.failed(e);
        }
    }

    private Client<K, V> current() {
        Client<K, V> client = current;
        return client != null && isUsable(client) ? client : another();
    }

    private boolean isUsable(Client<K, V> client) {
        return !client.equals(refused) && !client.hasEnded();
    }

    private synchronized Client<K, V> another() {
        if ((current == null || !isUsable(current)) && System.nanoTime() - triedAt > Trouble.LONGEST_PAUSE.toNanos()) {
            discard(Duration.ZERO); // it would never send the records that it still holds
            make();
        }
        if (current == null) {
            throw new KafkaException("there is no connection yet; it is retried every few seconds", unmade);
        }
        return current;
    }

    @Override
    public Future<RecordMetadata> send(ProducerRecord<K, V> message) {
        return send(message, null);
    }

    @Override
    public Future<RecordMetadata> send(ProducerRecord<K, V> message, @Nullable Callback callback) {
        Client<K, V> client = current();
        Answer answer = new Answer(client.thread(), System.nanoTime() + answerNanos);
        TimeoutException inVain = waitedInVain(message.topic());
        if (client.hasEnded()) {
            answer.completeExceptionally(new ThreadEndedException());
        } else if (inVain == null) {
            handOver(message, client, answer);
        } else {
            answer.completeExceptionally(inVain);
        }
        outstanding.add(answer);
        watch();
        return answer.handle((written, failure) -> {
            outstanding.remove(answer);
            Exception refusal = failure == null ? null : refusal(client, failure);
            if (refusal == null) {
                trouble.worked();
            }
            if (callback != null) {
                callback.onCompletion(written, refusal);
            }
            if (refusal != null) {
                throw new CompletionException(refusal);
            }
            return written;
        });
    }

    private void handOver(ProducerRecord<K, V> message, Client<K, V> client, Answer answer) {
        Thread sender = Thread.currentThread();
        Callback told = (written, failure) -> {
            if (failure == null) {
                answer.complete(written);
            } else if (client.hasEnded()) {
                answer.completeExceptionally(new ThreadEndedException());
            } else {
                // In this thread: it has waited here. That a delivery has timed out is told by Kafka's own thread.
                if (failure instanceof TimeoutException inVain && Thread.currentThread() == sender) {
                    closed.put(message.topic(), new Closed(inVain, System.nanoTime() + CLOSED_NANOS));
                }
                answer.completeExceptionally(failure);
            }
        };
        try {
            var unused = client.producer().send(message, told);
        } catch (InterruptException e) {
            throw e; // the sender stops
        } catch (KafkaException e) {
            // It will accept nothing any more: failures of a record, and of the brokers, come by the callback.
            giveUp(client);
            throw e;
        }
        if (!closed.isEmpty() && !answer.isCompletedExceptionally()) {
            closed.remove(message.topic());
        }
    }

    /** The failure of a record that has just waited for this topic; null if none has. */
    private @Nullable TimeoutException waitedInVain(String topic) {
        Closed found = closed.get(topic);
        return found == null || System.nanoTime() - found.until >= 0 ? null : found.because;
    }

    /** A topic to which nothing is sent for now: Kafka's client knows no partitions of it, or has no room for its records. */
    private record Closed(TimeoutException because, long until) {}

    /** One timer for all records: one for each would be too expensive. */
    private void watch() {
        if (watching.compareAndSet(false, true)) {
            CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS).execute(this::endTheLate);
        }
    }

    private void endTheLate() {
        watching.set(false);
        long now = System.nanoTime();
        for (Answer answer : outstanding) {
            if (answer.thread.hasEnded()) {
                answer.completeExceptionally(new ThreadEndedException());
            } else if (now - answer.latest >= 0) {
                answer.completeExceptionally(new NoAnswerException(answerNanos));
            }
        }
        if (!outstanding.isEmpty()) {
            watch();
        }
    }

    /** The answer of Kafka's client for a record, and its deadline. */
    private static final class Answer extends CompletableFuture<RecordMetadata> {

        final SenderThread thread;
        final long latest;

        Answer(SenderThread thread, long latest) {
            this.thread = thread;
            this.latest = latest;
        }
    }

    private void giveUp(Client<K, V> client) {
        if (client.equals(current)) {
            refused = client;
        }
    }

    private Exception refusal(Client<K, V> client, Throwable failure) {
        if (failure instanceof NoAnswerException
                || failure instanceof AuthenticationException
                || failure.getCause() instanceof AuthenticationException) {
            trouble.failed(failure);
            giveUp(client);
        } else if (failure instanceof AuthorizationException || failure instanceof RetriableException) {
            trouble.failed(failure); // but not for failures of a single record
        }
        return failure instanceof Exception exception ? exception : new KafkaException(failure);
    }

    @Override
    public void flush() {
        current().producer().flush();
    }

    @Override
    public List<PartitionInfo> partitionsFor(String topic) {
        return current().producer().partitionsFor(topic);
    }

    @Override
    public synchronized Map<MetricName, ? extends Metric> metrics() {
        return current == null ? Map.of() : current.producer().metrics();
    }

    @Override
    public Uuid clientInstanceId(Duration timeout) {
        return current().producer().clientInstanceId(timeout);
    }

    @Override
    public void registerMetricForSubscription(KafkaMetric metric) {
        current().producer().registerMetricForSubscription(metric);
    }

    @Override
    public void unregisterMetricFromSubscription(KafkaMetric metric) {
        current().producer().unregisterMetricFromSubscription(metric);
    }

    @Override
    public void initTransactions() {
        throw none();
    }

    @Override
    public void beginTransaction() {
        throw none();
    }

    @Override
    public void sendOffsetsToTransaction(Map<TopicPartition, OffsetAndMetadata> offsets, ConsumerGroupMetadata group) {
        throw none();
    }

    @Override
    public void commitTransaction() {
        throw none();
    }

    @Override
    public void abortTransaction() {
        throw none();
    }

    private static UnsupportedOperationException none() {
        return new UnsupportedOperationException("events are published without transactions");
    }

    @Override
    public void close() {
        close(Duration.ofMillis(Long.MAX_VALUE));
    }

    @Override
    public void close(Duration timeout) {
        discard(timeout);
    }

    private synchronized void discard(Duration timeout) {
        if (current != null) {
            current.producer().close(timeout);
            current = null;
        }
    }
}
