package bench;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.apache.hc.core5.util.Timeout;
import org.junit.jupiter.api.Test;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.Application;
import routes.delivery.Delivery;
import routes.delivery.DeliveryRecorder;
import routes.dev.Platform;
import routes.event.DomainEvent;
import routes.event.EventData.RewardEarned;
import routes.event.Events;
import routes.worker.HandOver;

/**
 * Rewards to webhooks, from the ledger through the workers to the receivers and back, beside three peers with as many calls at a
 * time: (a) the bare HTTP client, (b) a route of camel-http without a ledger, (c) a consumer that handles a batch and waits for its
 * slowest. All against the same receivers in this JVM, in turns.
 *
 * <p>System properties: {@code bench.pools}, {@code bench.delays} (ms), {@code bench.hanging} (per cent of the receivers), each with
 * commas; {@code bench.rounds}, {@code bench.seconds} (that a round is to take), {@code bench.seed}.
 */
class WebhooksBenchmark {

    private static final String SECRET = "whsec_YS1zZWNyZXQtdGhhdC1pcy1sb25nLWVub3VnaC4uLg==";
    private static final int RECEIVERS = 100;
    private static final int BATCH = 100;
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final String PAYLOAD = "{\"type\":\"reward.delivered\",\"data\":\"%s\"}".formatted("x".repeat(300));

    private final Random random = new Random(Long.getLong("bench.seed", 1));
    private final Receivers receivers = new Receivers();

    @Test
    void deliveriesBesideTheirPeers() throws Exception {
        Results results = new Results("webhooks", Long.getLong("bench.seed", 1));
        try (Platform platform = Platform.startForTests()) {
            for (int pool : numbers("bench.pools", "10,50,200")) {
                try (ConfigurableApplicationContext context = service(platform, pool);
                        Peers peers = new Peers(pool)) {
                    Service service = new Service(context);
                    round(service, peers, 50, 0, 500); // compiled, and connections made
                    for (int delay : numbers("bench.delays", "0,50,200")) {
                        row(results, service, peers, pool, delay, 0);
                    }
                    for (int hanging : numbers("bench.hanging", "1,10,50")) {
                        row(results, service, peers, pool, 50, hanging);
                    }
                }
            }
        } finally {
            receivers.close();
            results.write();
        }
    }

    /** Healthy deliveries a second. */
    private record Rates(double ours, double client, double route, double batches) {}

    private void row(Results results, Service service, Peers peers, int pool, int delay, int hanging) throws Exception {
        double expected = Math.min(1000, pool * 1000.0 / Math.max(delay, 5));
        int calls = (int) Math.max(RECEIVERS * 2, expected * Integer.getInteger("bench.seconds", 4));
        List<Rates> rounds = new ArrayList<>();
        for (int n = 0; n < Integer.getInteger("bench.rounds", 3); n++) {
            rounds.add(round(service, peers, delay, hanging, calls));
        }
        double ours = median(rounds.stream().mapToDouble(Rates::ours).toArray());
        double client = median(rounds.stream().mapToDouble(Rates::client).toArray());
        double route = median(rounds.stream().mapToDouble(Rates::route).toArray());
        double batches = median(rounds.stream().mapToDouble(Rates::batches).toArray());
        results.row()
                .with("pool", pool)
                .with("receiver, ms", delay)
                .with("hanging, %", hanging)
                .with("deliveries/s", ours)
                .with("bare client/s", client)
                .with("camel-http/s", route)
                .with("batches/s", batches)
                .with("of bare client", ours / client)
                .with("of camel-http", ours / route)
                .with("times batches", ours / batches);
    }

    /** Peers are not shown receivers that hang, but for the batches: who waits for them is measured by what that costs. */
    private Rates round(Service service, Peers peers, int delay, int hanging, int calls) throws Exception {
        List<String> urls = receivers.urls(delay, hanging);
        List<String> healthy =
                urls.stream().filter(url -> !url.contains("/hang")).toList();
        int healthyCalls = calls * healthy.size() / urls.size();
        double client = healthyCalls / seconds(() -> peers.client(spread(healthy, healthyCalls)));
        double route = healthyCalls / seconds(() -> peers.route(spread(healthy, healthyCalls)));
        int some = hanging == 0 ? calls : Math.min(calls, 3 * BATCH);
        double batches =
                (double) some * healthy.size() / urls.size() / seconds(() -> peers.batches(spread(urls, some)));
        return new Rates(service.rate(urls, spread(urls, calls)), client, route, batches);
    }

    private List<String> spread(List<String> urls, int calls) {
        List<String> all = new ArrayList<>(calls);
        for (int i = 0; i < calls; i++) {
            all.add(urls.get(i % urls.size()));
        }
        Collections.shuffle(all, random);
        return all;
    }

    private static ConfigurableApplicationContext service(Platform platform, int pool) {
        SpringApplicationBuilder builder = new SpringApplicationBuilder(Application.class);
        List<String> settings = new ArrayList<>(List.of(
                "--server.port=0",
                "--management.server.port=0",
                "--management.endpoints.jmx.unique-names=true",
                "--logging.level.routes=error",
                "--logging.level.org.apache.camel=warn",
                "--camel.main.auto-startup-exclude-pattern=kafka:*",
                "--webhooks.connections=" + pool,
                "--webhooks.rate-per-endpoint=100000",
                "--webhooks.timeout=" + TIMEOUT.toSeconds() + "s"));
        platform.settings().forEach((name, value) -> settings.add("--%s=%s".formatted(name, value)));
        return builder.run(settings.toArray(String[]::new));
    }

    private static int[] numbers(String property, String otherwise) {
        return Arrays.stream(System.getProperty(property, otherwise).split(",", -1))
                .mapToInt(Integer::parseInt)
                .toArray();
    }

    private interface Work {
        void run() throws Exception;
    }

    private static double seconds(Work work) throws Exception {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) / 1e9;
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }

    /** The service, with deliveries handed to its ledger as take-in does. */
    private static final class Service {

        private final JdbcClient jdbc;
        private final DeliveryRecorder recorder;
        private final HandOver handOver;
        private final Counter delivered;

        Service(ConfigurableApplicationContext context) {
            this.jdbc = context.getBean(JdbcClient.class);
            this.recorder = context.getBean(DeliveryRecorder.class);
            this.handOver = context.getBean(HandOver.class);
            this.delivered = context.getBean(MeterRegistry.class)
                    .counter(
                            "domain.events.handled",
                            "group",
                            "reward-workers",
                            "type",
                            "reward.earned",
                            "outcome",
                            "delivered");
        }

        /** Healthy deliveries a second, from the first record to the last outcome of them in the ledger. */
        double rate(List<String> urls, List<String> calls) throws Exception {
            UUID campaign = UUID.randomUUID();
            UUID person = UUID.randomUUID();
            jdbc.sql("INSERT INTO campaigns (id, account_id, name, slug) VALUES (:id, :id, 'Bench', 'bench')")
                    .param("id", campaign)
                    .update();
            jdbc.sql("INSERT INTO waitlist_users (id, campaign_id, email, referral_code, original_position, position)"
                            + " VALUES (?, ?, 'somebody@bench.example', 'C', 1, 1)")
                    .params(person, campaign)
                    .update();
            jdbc.sql("""
                            WITH url AS (SELECT unnest(string_to_array(:urls, ' ')) AS url), hook AS (
                                INSERT INTO webhooks (id, campaign_id, url, secrets)
                                SELECT gen_random_uuid(), :campaign, url, ARRAY[:secret] FROM url)
                            INSERT INTO rewards (id, campaign_id, name, type, delivery_method, delivery_config)
                            SELECT CAST(md5(:campaign || url) AS uuid), :campaign, 'A reward', 'gift', 'webhook',
                                   jsonb_build_object('webhook_url', url)
                            FROM url
                            """)
                    .param("urls", String.join(" ", urls))
                    .param("campaign", campaign)
                    .param("secret", SECRET)
                    .update();
            List<DomainEvent> events = jdbc.sql("""
                            INSERT INTO user_rewards (id, user_id, campaign_id, reward_id)
                            SELECT gen_random_uuid(), :person, :campaign, CAST(md5(:campaign || url) AS uuid)
                            FROM unnest(string_to_array(:calls, ' ')) AS url
                            RETURNING id, reward_id
                            """)
                    .param("person", person)
                    .param("campaign", campaign)
                    .param("calls", String.join(" ", calls))
                    .query((row, n) -> Events.of(new RewardEarned(
                            row.getString("id"), person.toString(), campaign.toString(), row.getString("reward_id"))))
                    .list();
            jdbc.sql("ANALYZE").update();
            long healthy = calls.stream().filter(url -> !url.contains("/hang")).count();
            double before = delivered.count();
            double seconds = seconds(() -> {
                for (int i = 0; i < events.size(); i += 500) {
                    List<Delivery> recorded = recorder.record(
                            "reward-workers", events.subList(i, Math.min(events.size(), i + 500)), (event, reason) -> {
                                throw new IllegalStateException(reason);
                            });
                    handOver.offer(recorded);
                }
                long deadline = System.nanoTime() + Duration.ofMinutes(3).toNanos();
                while (delivered.count() - before < healthy) {
                    if (System.nanoTime() > deadline) {
                        throw new IllegalStateException(
                                "only %s of %d were delivered".formatted(delivered.count() - before, healthy));
                    }
                    LockSupport.parkNanos(2_000_000);
                }
            });
            // What hangs would go on being tried beside the next round.
            jdbc.sql("UPDATE event_routes.delivery SET status = 'skipped', lease = lease + 1"
                            + " WHERE campaign_id = ? AND status IN ('due', 'leased')")
                    .param(campaign.toString())
                    .update();
            return healthy / seconds;
        }
    }

    /** The peers, each with as many calls at a time. */
    private static final class Peers implements AutoCloseable {

        private final ExecutorService threads;
        private final CloseableHttpClient http;
        private final CamelContext camel = new DefaultCamelContext();
        private volatile CountDownLatch routed = new CountDownLatch(0);

        Peers(int pool) throws Exception {
            this.threads = Executors.newFixedThreadPool(pool);
            Timeout timeout = Timeout.of(TIMEOUT);
            this.http = HttpClients.custom()
                    .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                            .setMaxConnTotal(pool)
                            .setMaxConnPerRoute(pool)
                            .setDefaultConnectionConfig(ConnectionConfig.custom()
                                    .setConnectTimeout(timeout)
                                    .setSocketTimeout(timeout)
                                    .build())
                            .build())
                    .disableAutomaticRetries()
                    .build();
            camel.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("seda:peer?size=100000&concurrentConsumers=" + pool)
                            .setHeader(Exchange.HTTP_URI, body())
                            .setBody(constant(PAYLOAD))
                            .to("http:peer?httpMethod=POST&throwExceptionOnFailure=false&maxTotalConnections=" + pool
                                    + "&connectionsPerRoute=" + pool)
                            .process(exchange -> routed.countDown());
                }
            });
            camel.start();
        }

        void client(List<String> urls) throws Exception {
            threads.invokeAll(calls(urls));
        }

        void route(List<String> urls) throws Exception {
            routed = new CountDownLatch(urls.size());
            try (ProducerTemplate template = camel.createProducerTemplate()) {
                urls.forEach(url -> template.sendBody("seda:peer", url));
            }
            if (!routed.await(3, TimeUnit.MINUTES)) {
                throw new IllegalStateException("camel-http did not get done");
            }
        }

        void batches(List<String> urls) throws Exception {
            for (int i = 0; i < urls.size(); i += BATCH) {
                threads.invokeAll(calls(urls.subList(i, Math.min(urls.size(), i + BATCH))));
            }
        }

        private List<Callable<Integer>> calls(List<String> urls) {
            return urls.stream().map(url -> (Callable<Integer>) () -> call(url)).toList();
        }

        private int call(String url) throws IOException {
            HttpPost post = new HttpPost(url);
            post.setEntity(new StringEntity(PAYLOAD, ContentType.APPLICATION_JSON));
            return http.execute(post, answer -> {
                EntityUtils.consume(answer.getEntity());
                return answer.getCode();
            });
        }

        @Override
        public void close() throws Exception {
            threads.shutdownNow();
            http.close();
            camel.close();
        }
    }

    /** Receivers that answer after a while, or never. Each round has new ones. */
    private static final class Receivers {

        private final AtomicInteger rounds = new AtomicInteger();
        private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "receiver");
            thread.setDaemon(true);
            return thread;
        });
        private final HttpServer server;

        Receivers() {
            System.setProperty("sun.net.httpserver.nodelay", "true");
            System.setProperty("sun.net.httpserver.maxIdleConnections", "10000");
            try {
                server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1000);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
            server.setExecutor(threads);
            server.createContext("/", Receivers::answer);
            server.start();
        }

        List<String> urls(int delay, int hanging) {
            int round = rounds.incrementAndGet();
            List<String> urls = new ArrayList<>();
            for (int n = 0; n < RECEIVERS; n++) {
                urls.add("http://127.0.0.1:%d/%s/%d/%d"
                        .formatted(server.getAddress().getPort(), n < hanging ? "hang" : delay, round, n));
            }
            return urls;
        }

        private static void answer(HttpExchange exchange) throws IOException {
            exchange.getRequestBody().readAllBytes();
            String delay = exchange.getRequestURI().getPath().split("/", -1)[1];
            try {
                Thread.sleep(delay.equals("hang") ? TIMEOUT.toMillis() * 2 : Long.parseLong(delay));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            byte[] answer = "ok".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        }

        void close() {
            server.stop(0);
            threads.shutdownNow();
        }
    }
}
