package routes.kafka;

import java.lang.reflect.Field;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.ClientRequest;
import org.apache.kafka.clients.KafkaClient;
import org.apache.kafka.clients.RequestCompletionHandler;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.internals.AsyncKafkaConsumer;
import org.apache.kafka.clients.consumer.internals.ClassicKafkaConsumer;
import org.apache.kafka.clients.consumer.internals.ConsumerNetworkClient;
import org.apache.kafka.clients.consumer.internals.ConsumerNetworkThread;
import org.apache.kafka.clients.consumer.internals.NetworkClientDelegate;
import org.apache.kafka.clients.consumer.internals.events.ApplicationEventHandler;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sits between a consumer and its connections, and makes fetched batches {@linkplain FetchUnpacking safe to unpack} before the consumer
 * sees them. Interceptors and deserializers run too late: their records are already in memory. It also refuses offsets of a previous topic
 * of the same name.
 *
 * <p>It reaches the consumer's connections by reflection, since the client has no API for it (docs/adr/0030). With an unknown version of the
 * client, there is no consumer rather than one without a guard.
 */
final class FetchGuard implements InvocationHandler {

    private static final Logger LOG = LoggerFactory.getLogger(FetchGuard.class);

    private final KafkaClient connections;
    private final int longest;
    private final int atATime;
    private final BufferSupplier buffers = BufferSupplier.create();

    /** The offset of each partition's last request: an answer may begin before it, with the batch that contains it. */
    private final Map<TopicPartition, Long> askedFrom = new ConcurrentHashMap<>();

    private final Map<Uuid, String> topics = new ConcurrentHashMap<>();

    /** The topic id of each partition's last request: a recreated topic has another one. */
    private final Map<TopicPartition, Uuid> ids = new ConcurrentHashMap<>();

    /** For recreated topics: the offset in the previous topic, as long as it is still requested. */
    private final Map<TopicPartition, Long> anew = new ConcurrentHashMap<>();

    private FetchGuard(KafkaClient connections, int longest, int atATime) {
        this.connections = connections;
        this.longest = longest;
        this.atATime = atATime;
    }

    /**
     * Guards a consumer that has not polled yet.
     *
     * @param properties of the consumer
     * @param longest how many bytes an unpacked record may have, with its key and headers
     * @return the guard
     * @throws IllegalStateException if the consumer's internals have changed; the consumer is closed then
     */
    static FetchGuard install(KafkaConsumer<?, ?> consumer, Properties properties, int longest) {
        int atATime = Integer.parseInt(String.valueOf(properties.getOrDefault(
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG, ConsumerConfig.DEFAULT_MAX_POLL_RECORDS)));
        try {
            Object inner = field(KafkaConsumer.class, "delegate").get(consumer);
            boolean isClassic = inner instanceof ClassicKafkaConsumer;
            Object network =
                    isClassic ? field(ClassicKafkaConsumer.class, "client").get(inner) : networkOf(inner);
            Field connections = field(isClassic ? ConsumerNetworkClient.class : NetworkClientDelegate.class, "client");
            FetchGuard guard = new FetchGuard((KafkaClient) connections.get(network), longest, atATime);
            connections.set(network, guard.proxy());
            return guard;
        } catch (ReflectiveOperationException | RuntimeException e) {
            consumer.close(CloseOptions.timeout(Duration.ZERO));
            throw new IllegalStateException(
                    "Cannot limit what this consumer unpacks. It needs the version of kafka-clients that this service is"
                            + " built with",
                    e);
        }
    }

    private KafkaClient proxy() {
        return (KafkaClient)
                Proxy.newProxyInstance(FetchGuard.class.getClassLoader(), new Class<?>[] {KafkaClient.class}, this);
    }

    /** Connections that are guarded. */
    static KafkaClient around(KafkaClient connections, int longest, int atATime) {
        return new FetchGuard(connections, longest, atATime).proxy();
    }

    /** Of a partition that another consumer read meanwhile, the offset may be one of the new topic, when it comes back. */
    void forgetAllBut(Set<TopicPartition> assigned) {
        ids.keySet().retainAll(assigned);
        anew.keySet().retainAll(assigned);
    }

    /**
     * The connections with {@code group.protocol=consumer}: those of a thread of the client's own, which waits for its first task. It sees the
     * guard, since tasks are handed over by a queue, and fetches nothing without one.
     */
    private static Object networkOf(Object inner) throws ReflectiveOperationException {
        Object events =
                field(AsyncKafkaConsumer.class, "applicationEventHandler").get(inner);
        Object thread = field(ApplicationEventHandler.class, "networkThread").get(events);
        return field(ConsumerNetworkThread.class, "networkClientDelegate").get(thread);
    }

    private static Field field(Class<?> type, String name) throws NoSuchFieldException {
        Field field = type.getDeclaredField(name);
        field.setAccessible(true);
        return field;
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        if (arguments != null
                && method.getName().equals("send")
                && arguments[0] instanceof ClientRequest request
                && request.requestBuilder() instanceof FetchRequest.Builder fetch) {
            arguments[0] = guarded(request, fetch);
        }
        try {
            return method.invoke(connections, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private ClientRequest guarded(ClientRequest request, FetchRequest.Builder fetch) {
        // In a fetch session, these are only the changes since the last request.
        fetch.fetchData().forEach((partition, asked) -> {
            askedFrom.put(partition, asked.fetchOffset);
            topics.put(asked.topicId, partition.topic());
            // The client may not know the id yet, as after a broker's restart.
            if (!asked.topicId.equals(Uuid.ZERO_UUID)) {
                Uuid before = ids.put(partition, asked.topicId);
                if (before != null && !before.equals(asked.topicId) && asked.fetchOffset > 0) {
                    anew.put(partition, asked.fetchOffset);
                }
            }
            anew.computeIfPresent(partition, (same, offset) -> offset == asked.fetchOffset ? offset : null);
        });
        RequestCompletionHandler answered = request.callback();
        return new ClientRequest(
                request.destination(),
                fetch,
                request.correlationId(),
                request.makeHeader(fetch.latestAllowedVersion()).clientId(),
                request.createdTimeMs(),
                request.expectResponse(),
                request.requestTimeoutMs(),
                response -> {
                    try {
                        if (response.responseBody() instanceof FetchResponse fetched) {
                            Map<TopicPartition, PartitionData> answer = fetched.responseData(
                                    topics, response.requestHeader().apiVersion());
                            refuseOffsetsOfBefore(answer);
                            bound(answer);
                        }
                    } catch (RuntimeException e) {
                        LOG.error("An answer of the brokers is passed on as it is, since it cannot be checked", e);
                    } finally {
                        answered.onComplete(response); // or the client would ask this broker for nothing more
                    }
                });
    }

    /** If a recreated topic has grown beyond the consumer's position, Kafka would silently continue in the middle. */
    private void refuseOffsetsOfBefore(Map<TopicPartition, PartitionData> answer) {
        answer.forEach((partition, data) -> {
            if (data.errorCode() == Errors.NONE.code() && anew.remove(partition) != null) {
                data.setErrorCode(Errors.OFFSET_OUT_OF_RANGE.code()).setRecords(MemoryRecords.EMPTY);
            }
        });
    }

    /** In random order: if an answer is cut short, it is not always the same partitions that wait. */
    private void bound(Map<TopicPartition, PartitionData> answer) {
        List<Map.Entry<TopicPartition, PartitionData>> partitions = new ArrayList<>(answer.entrySet());
        partitions.removeIf(partition -> FetchResponse.recordsSize(partition.getValue()) == 0);
        Collections.shuffle(partitions);
        FetchUnpacking unpacking = new FetchUnpacking(longest, atATime, buffers);
        for (Map.Entry<TopicPartition, PartitionData> partition : partitions) {
            if (partition.getValue().records() instanceof MemoryRecords records) {
                long from = askedFrom.getOrDefault(partition.getKey(), 0L);
                int share = FetchUnpacking.MOST_KEPT / partitions.size();
                partition.getValue().setRecords(unpacking.bounded(partition.getKey(), records, from, share));
            }
        }
    }
}
