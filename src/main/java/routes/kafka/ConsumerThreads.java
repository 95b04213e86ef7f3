package routes.kafka;

import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.camel.component.kafka.KafkaFetchRecords;
import org.apache.camel.spi.ThreadPoolProfile;
import org.apache.camel.support.DefaultThreadPoolFactory;
import org.springframework.stereotype.Component;
import routes.background.Threads;
import routes.background.Trouble;

/**
 * Camel's thread pools, in which consumers and schedulers keep running until their route is stopped.
 *
 * <p>Camel ends the thread of a consumer after an error that it considers permanent, such as a failed login, after any
 * {@link Error}, and after an exception while its route is suspended (KafkaFetchRecords, ReconnectErrorStrategy in Camel 4.22);
 * the route stays started, but nothing reads. Here it runs again with a new client, which also reloads its certificates and
 * logs in again. This replaces Camel's own ways to retry, which are switched off ({@link KafkaGuarantees}). Records in progress
 * are not committed, and are read again.
 */
@Component
class ConsumerThreads extends DefaultThreadPoolFactory {

    private static final long BETWEEN_RUNS_MILLIS = 200;

    private final ConsumerMetrics consumers;

    ConsumerThreads(ConsumerMetrics consumers) {
        this.consumers = consumers;
    }

    @Override
    public ScheduledExecutorService newScheduledThreadPool(ThreadPoolProfile profile, ThreadFactory factory) {
        return Threads.rounds(String.valueOf(profile.getId()), Objects.requireNonNull(profile.getPoolSize()), factory);
    }

    @Override
    public ExecutorService newThreadPool(ThreadPoolProfile profile, ThreadFactory factory) {
        return String.valueOf(profile.getId()).startsWith("KafkaConsumer[")
                ? new Readers(Objects.requireNonNull(profile.getPoolSize()), factory)
                : super.newThreadPool(profile, factory);
    }

    /** The threads of a route's consumers. */
    private final class Readers extends ThreadPoolExecutor {

        private final CountDownLatch stopped = new CountDownLatch(1);

        private Readers(int threads, ThreadFactory factory) {
            super(threads, threads, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), factory);
        }

        @Override
        public Future<?> submit(Runnable task) {
            KafkaFetchRecords reader = (KafkaFetchRecords) task;
            String group = reader.healthState().getGroupId();
            return Threads.watch(group, super.submit(() -> read(reader, consumers.trouble(group))), this);
        }

        /** Camel shuts it down when the route is stopped. A run that returns earlier is repeated. */
        private void read(KafkaFetchRecords reader, Trouble trouble) {
            long pause = 0;
            try {
                while (!stopped.await(pause, TimeUnit.MILLISECONDS)) {
                    pause = BETWEEN_RUNS_MILLIS;
                    try {
                        reader.run();
                    } catch (Throwable thrown) {
                        Threads.tell(trouble, thrown);
                    }
                    reader.setConnected(false); // or it would continue after the records in progress
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void shutdown() {
            stopped.countDown();
            super.shutdown();
        }
    }
}
