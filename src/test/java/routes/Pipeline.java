package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.dev.Platform;
import routes.event.EventJson;

/** The pipeline as a test sees it: something goes in, and after a while everything has been done. */
public class Pipeline implements AutoCloseable {

    public static final List<String> GROUPS = List.of("email-workers", "position-workers", "reward-workers");

    private static final Map<String, ListConsumerGroupOffsetsSpec> ALL_OF_EACH_GROUP =
            GROUPS.stream().collect(Collectors.toMap(group -> group, group -> new ListConsumerGroupOffsetsSpec()));

    private final Platform platform;
    private final JdbcClient jdbc;
    private final Environment environment;
    private final String topic;
    private final HttpClient http = HttpClient.newHttpClient();

    /** Made when it is first asked; a client for each look of {@link #awaitDrained} would take longer than the look. */
    private @Nullable Admin admin;

    Pipeline(
            Platform platform,
            JdbcClient jdbc,
            Environment environment,
            @Value("${domain-events.topic}") String topic) {
        this.platform = platform;
        this.jdbc = jdbc;
        this.environment = environment;
        this.topic = topic;
    }

    /** Returns the port of the API. */
    public int port() {
        return environment.getRequiredProperty("local.server.port", Integer.class);
    }

    /** Posts JSON to /events as an application would. */
    public HttpResponse<String> post(String json, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://localhost:%d/events".formatted(port())))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(json));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), BodyHandlers.ofString());
    }

    /** Sends a body to /events by any method, with these headers alone. */
    public HttpResponse<String> send(String method, String body, String... headers) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://localhost:%d/events".formatted(port())))
                        .method(method, BodyPublishers.ofString(body))
                        .headers(headers)
                        .build(),
                BodyHandlers.ofString());
    }

    /** Asks for a path of the HTTP side without a key. */
    public HttpResponse<String> get(String path) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://localhost:%d%s".formatted(port(), path)))
                        .build(),
                BodyHandlers.ofString());
    }

    /** Posts JSON to /events with the key. */
    public HttpResponse<String> publish(String json) throws Exception {
        return post(json, "Authorization", "Bearer " + Platform.API_KEY);
    }

    /** What operators did with a delivery, and others reported about it, as its story tells it: {@code due, retried by ann}. */
    public List<String> changes(UUID delivery) {
        return jdbc.sql("SELECT outcome || ', ' || reason || ' by ' || by FROM event_routes.attempt"
                        + " WHERE delivery_id = ? AND by IS NOT NULL ORDER BY started_at")
                .param(delivery)
                .query(String.class)
                .list();
    }

    /** Asks an operation on the management port; with a body it is a POST, else a GET. */
    public HttpResponse<String> operate(String path, @Nullable String body) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://localhost:%s/observe/%s"
                        .formatted(environment.getProperty("local.management.port"), path)))
                .header("Authorization", login());
        if (body != null) {
            request.header("Content-Type", "application/json").POST(BodyPublishers.ofString(body));
        }
        return http.send(request.build(), BodyHandlers.ofString());
    }

    /** The login of the management port, as a header has it. */
    public String login() {
        String login = "operator:" + environment.getProperty("management.login.password");
        return "Basic " + Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8));
    }

    /** The answer of an operation that goes well. */
    public JsonNode operation(String path, @Nullable String body) throws Exception {
        HttpResponse<String> response = operate(path, body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return EventJson.mapper().readTree(response.body());
    }

    /** One of the documentation's examples. */
    public static String example(String name) throws Exception {
        return Files.readString(Path.of("examples/events", name + ".json"));
    }

    /** Writes records past the publisher, as any program with access to the topic can. Returns where each lies. */
    public List<RecordMetadata> write(List<ProducerRecord<byte[], byte[]>> records)
            throws ExecutionException, InterruptedException {
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(brokers(), new ByteArraySerializer(), new ByteArraySerializer())) {
            List<Future<RecordMetadata>> sent =
                    records.stream().map(producer::send).toList();
            List<RecordMetadata> written = new ArrayList<>();
            for (Future<RecordMetadata> record : sent) {
                written.add(record.get());
            }
            return written;
        }
    }

    public void write(String value) throws ExecutionException, InterruptedException {
        write(List.of(new ProducerRecord<>(topic, value.getBytes(StandardCharsets.UTF_8))));
    }

    /** All records that a partition holds now. */
    public List<ConsumerRecord<byte[], byte[]>> read(String topic, int number) {
        TopicPartition partition = new TopicPartition(topic, number);
        Map<String, Object> settings = new HashMap<>(brokers());
        settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 20); // or its end waits for a fetch beyond the end
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = Objects.requireNonNull(
                    consumer.endOffsets(List.of(partition)).get(partition));
            List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofSeconds(1)).records(partition).forEach(records::add);
            }
            return records;
        }
    }

    /** The topic of the events. */
    public String topic() {
        return topic;
    }

    /** How to reach the brokers, for a client of Kafka. */
    public Map<String, Object> brokers() {
        return Map.of(
                CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, platform.kafka().brokers());
    }

    /** Waits until every group has committed to the end of the topic, and nothing is due or under way in the ledger. */
    public void awaitDrained() {
        await("nothing unread, due or under way")
                .until(
                        () -> Stream.concat(unread().stream(), notDone().stream())
                                .toList(),
                        List::isEmpty);
    }

    /** Waits until every group has committed to the end of the topic, whatever is due. */
    public void awaitRead() {
        await("nothing unread").until(this::unread, List::isEmpty);
    }

    /** Waits until the one delivery of a campaign's only event is delivered. */
    public void awaitDelivered(String campaign) {
        await().untilAsserted(
                        () -> assertThat(jdbc.sql("SELECT status FROM event_routes.delivery WHERE campaign_id = ?")
                                        .param(campaign)
                                        .query(String.class)
                                        .list())
                                .containsExactly("delivered"));
    }

    /** Deliveries that are with a worker or will be. */
    public int underWay() {
        return jdbc.sql("SELECT count(*) FROM event_routes.delivery WHERE status IN ('due', 'leased')")
                .query(Integer.class)
                .single();
    }

    /** What is due or leased, in words for whoever has waited for it in vain. */
    private List<String> notDone() {
        return jdbc.sql("""
                        SELECT concat_ws(' ', count(*), consumer_group, event_type, status, 'after', attempts, 'attempts, due in',
                                         due_at - now(), waits_for, reason, 'of', lease_owner)
                        FROM event_routes.delivery
                        WHERE status IN ('due', 'leased')
                        GROUP BY consumer_group, event_type, status, attempts, due_at, waits_for, reason, lease_owner
                        """).query(String.class).list();
    }

    /** What each group has not committed yet. */
    private List<String> unread() throws ExecutionException, InterruptedException {
        Map<TopicPartition, Long> ends = ends();
        List<String> unread = new ArrayList<>();
        admin().listConsumerGroupOffsets(ALL_OF_EACH_GROUP)
                .all()
                .get()
                .forEach((group, committed) -> ends.forEach((partition, end) -> {
                    OffsetAndMetadata offset = committed.get(partition);
                    long left = end - (offset == null ? 0 : offset.offset());
                    if (left != 0) {
                        unread.add("%d of %s for %s".formatted(left, partition, group));
                    }
                }));
        return unread;
    }

    /** The end of each of the topic's partitions: the offset of the next record. */
    public Map<TopicPartition, Long> ends() throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetSpec> latest =
                admin().describeTopics(List.of(topic)).allTopicNames().get().values().stream()
                        .flatMap(description -> description.partitions().stream())
                        .map(partition -> new TopicPartition(topic, partition.partition()))
                        .collect(Collectors.toMap(partition -> partition, partition -> OffsetSpec.latest()));
        return admin().listOffsets(latest).all().get().entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, end -> end.getValue().offset()));
    }

    private synchronized Admin admin() {
        if (admin == null) {
            admin = Admin.create(brokers());
        }
        return admin;
    }

    @Override
    public synchronized void close() {
        if (admin != null) {
            admin.close();
        }
    }
}
