package routes.kafka;

import java.util.Comparator;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.jspecify.annotations.Nullable;

/**
 * The thread by which Kafka's producer sends, and which an {@link Error} ends (Sender.run, kafka-clients 4.4). The producer says nothing
 * about it: it accepts records, or waits for the partitions of their topic, as before.
 */
final class SenderThread {

    private final boolean isKnown;
    private final @Nullable Thread thread;

    private SenderThread(boolean isKnown, @Nullable Thread thread) {
        this.isKnown = isKnown;
        this.thread = thread;
    }

    /** Finds the thread of a producer that has just been created: the youngest one of its name. */
    static SenderThread of(Producer<?, ?> producer) {
        Optional<String> name = producer.metrics().keySet().stream()
                .map(metric -> metric.tags().get("client-id"))
                .filter(Objects::nonNull)
                .findFirst()
                .map(id -> KafkaProducer.NETWORK_THREAD_PREFIX + " | " + id);
        return new SenderThread(
                name.isPresent(),
                name.flatMap(its -> Thread.getAllStackTraces().keySet().stream()
                                .filter(alive -> alive.getName().equals(its))
                                .max(Comparator.comparingLong(Thread::getId)))
                        .orElse(null));
    }

    /** Whether it has ended, so that nothing is sent or answered any more. False of a producer without such a thread. */
    boolean hasEnded() {
        return isKnown && (thread == null || !thread.isAlive());
    }
}
