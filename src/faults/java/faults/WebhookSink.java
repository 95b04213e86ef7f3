package faults;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import routes.event.EventJson;

/** A receiver that accepts every webhook, unless it is told otherwise, and keeps a line of it. */
final class WebhookSink implements AutoCloseable {

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "webhook-sink");
        thread.setDaemon(true);
        return thread;
    });
    private final EffectLog effects;
    private volatile Instant sentAt = Instant.EPOCH;
    private final AtomicInteger received = new AtomicInteger();
    private volatile Duration pause = Duration.ZERO;
    private volatile int refusedEach;

    WebhookSink(EffectLog effects) {
        this.effects = effects;
        try {
            this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::receive);
        server.setExecutor(threads);
        server.start();
    }

    /** Where it listens, as an address that a campaign may register. */
    String url() {
        return "http://localhost:%d/rewards".formatted(server.getAddress().getPort());
    }

    /** When the last webhook was sent, by the clock of the service. */
    Instant sentAt() {
        return sentAt;
    }

    /** How long every webhook waits for its answer from now on, after it has counted. */
    void answerAfter(Duration pause) {
        this.pause = pause;
    }

    /** Answers each nth webhook from now on with 503, which then does not count; 0: none. */
    void refuseEach(int nth) {
        refusedEach = nth;
    }

    private void receive(HttpExchange exchange) throws IOException {
        try (exchange) {
            int nth = refusedEach;
            if (nth > 0 && received.incrementAndGet() % nth == 0) {
                exchange.sendResponseHeaders(503, -1);
                return;
            }
            JsonNode data = EventJson.mapper()
                    .readTree(exchange.getRequestBody().readAllBytes())
                    .path("data");
            effects.add(
                    Effect.webhook(
                            data.path("user_id").asText(),
                            data.path("reward_id").asText()),
                    exchange.getRequestHeaders().getFirst("webhook-id"));
            sentAt = Instant.ofEpochSecond(
                    Long.parseLong(exchange.getRequestHeaders().getFirst("webhook-timestamp")));
            Flow.pause(pause);
            exchange.sendResponseHeaders(204, -1);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
