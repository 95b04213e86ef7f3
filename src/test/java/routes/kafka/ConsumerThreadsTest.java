package routes.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.kafka.DefaultKafkaClientFactory;
import org.apache.camel.component.kafka.KafkaComponent;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import routes.background.Threads;

/** Failures of Camel's consumer, and whether its thread continues. Each of its clients reads the only record. */
@Execution(ExecutionMode.CONCURRENT)
class ConsumerThreadsTest {

    private static final String TOPIC = "some-events";
    private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);

    private final DefaultCamelContext camel = new DefaultCamelContext();
    private final ConsumerMetrics consumers = new ConsumerMetrics(new SimpleMeterRegistry());
    private final List<Client> clients = new CopyOnWriteArrayList<>();
    private final AtomicInteger read = new AtomicInteger();

    private interface Step {
        void run(int time) throws Throwable;
    }

    @AfterEach
    void stop() {
        camel.stop();
    }

    /** A client whose poll first does something else, and then returns the record. */
    private static final class Client extends MockConsumer<byte[], byte[]> {

        private final Step beforePoll;
        private final int number;
        private boolean given;

        private Client(Step beforePoll, int number) {
            super("earliest");
            this.beforePoll = beforePoll;
            this.number = number;
        }

        @Override
        public synchronized ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
            try {
                Thread.sleep(1);
                beforePoll.run(number);
            } catch (Throwable thrown) {
                ConsumerThreadsTest.<RuntimeException>sneak(thrown);
            }
            if (given) {
                return ConsumerRecords.empty();
            }
            given = true;
            return new ConsumerRecords<>(
                    Map.of(PARTITION, List.of(new ConsumerRecord<>(TOPIC, 0, 0, new byte[0], new byte[0]))), Map.of());
        }
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void sneak(Throwable thrown) throws T {
        throw (T) thrown;
    }

    private void start(Step made, Step polled, Step processed) throws Exception {
        KafkaComponent kafka = new KafkaComponent(camel);
        KafkaGuarantees.guarantee(kafka);
        kafka.getConfiguration().setBrokers("localhost:1");
        kafka.getConfiguration().setPollTimeoutMs(1L);
        kafka.getConfiguration().setMaxPollRecords(1);
        kafka.setKafkaClientFactory(new DefaultKafkaClientFactory() {
            @Override
            @SuppressWarnings("rawtypes")
            public Consumer getConsumer(Properties properties) {
                Client client = new Client(polled, clients.size() + 1);
                clients.add(client);
                try {
                    made.run(clients.size());
                } catch (Throwable thrown) {
                    ConsumerThreadsTest.<RuntimeException>sneak(thrown);
                }
                return client;
            }
        });
        camel.addComponent("kafka", kafka);
        camel.getExecutorServiceManager().setThreadPoolFactory(new ConsumerThreads(consumers));
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("kafka:" + TOPIC + "?groupId=some-workers")
                        .routeId("some-workers")
                        .process(exchange -> {
                            List<?> batch =
                                    Objects.requireNonNull(exchange.getMessage().getBody(List.class));
                            assertThat(((Exchange) batch.get(0)).getMessage().getHeader(KafkaConstants.OFFSET))
                                    .isEqualTo(0L);
                            try {
                                processed.run(clients.size());
                            } catch (Throwable thrown) {
                                ConsumerThreadsTest.<RuntimeException>sneak(thrown);
                            }
                            read.incrementAndGet();
                        });
            }
        });
        camel.start();
    }

    private static Step nothing() {
        return time -> {};
    }

    private static Step firstThrows(Throwable thrown) {
        return time -> {
            if (time == 1) {
                throw thrown;
            }
        };
    }

    private static Stream<Throwable> whateverItMeets() {
        return Stream.of(
                new SaslAuthenticationException("the user is gone"),
                new SslAuthenticationException("the certificate is another one"),
                GroupAuthorizationException.forGroupId("some-workers"),
                new IllegalStateException("thrown on purpose"),
                new OutOfMemoryError("thrown on purpose"),
                new StackOverflowError("thrown on purpose"),
                new NoClassDefFoundError("thrown on purpose"));
    }

    @ParameterizedTest
    @MethodSource("whateverItMeets")
    void aPollThatThrowsIsFollowedByANewClientThatReads(Throwable thrown) throws Exception {
        start(nothing(), firstThrows(thrown), nothing());

        await().until(() -> read.get() == 1);
        assertThat(clients).hasSize(2).first().satisfies(client -> assertThat(client.closed())
                .isTrue());
    }

    @ParameterizedTest
    @MethodSource("whateverItMeets")
    void aClientThatCannotBeMadeIsTriedAgain(Throwable thrown) throws Exception {
        start(firstThrows(thrown), nothing(), nothing());

        await().until(() -> read.get() == 1);
        assertThat(clients).hasSize(2);
    }

    @ParameterizedTest
    @MethodSource("whateverItMeets")
    void aBatchThatThrowsIsReadAgain(Throwable thrown) throws Exception {
        start(nothing(), nothing(), firstThrows(thrown));

        await().until(() -> read.get() == 1);
        assertThat(clients).hasSize(2);
    }

    @Test
    void aPollThatThrowsWhileItsRouteIsSuspendedLeavesAThreadThatReadsAfterwards() throws Exception {
        AtomicInteger suspended = new AtomicInteger();
        start(
                nothing(),
                time -> {
                    if (time == 1 && suspended.get() == 1) {
                        throw new SaslAuthenticationException("the user is gone");
                    }
                },
                nothing());
        await().until(() -> read.get() == 1);
        camel.getRouteController().suspendRoute("some-workers");
        suspended.set(1);
        await().until(() -> clients.get(0).closed());

        camel.getRouteController().resumeRoute("some-workers");

        await().until(() -> read.get() == 2);
    }

    @Test
    void itEndsWithItsRouteAndGoesOnWhenThatIsStartedAgain() throws Exception {
        start(nothing(), nothing(), nothing());
        await().until(() -> read.get() == 1);

        camel.getRouteController().stopRoute("some-workers");
        assertThat(clients.get(0).closed()).isTrue();
        assertThat(Threads.ended()).doesNotContain("some-workers");

        camel.getRouteController().startRoute("some-workers");
        await().until(() -> read.get() == 2);
    }
}
