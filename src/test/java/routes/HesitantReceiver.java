package routes;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** A receiver of webhooks that keeps each request until the test lets it answer, so that no test has to be quicker than an answer. */
public final class HesitantReceiver implements AutoCloseable {

    private final CountDownLatch mayAnswer = new CountDownLatch(1);
    private final AtomicInteger requests = new AtomicInteger();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer server;

    private HesitantReceiver(HttpServer server) {
        this.server = server;
    }

    public static HesitantReceiver start() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        HesitantReceiver receiver = new HesitantReceiver(server);
        server.setExecutor(receiver.threads);
        server.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            receiver.requests.incrementAndGet();
            receiver.hesitate();
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.start();
        return receiver;
    }

    private void hesitate() {
        try {
            mayAnswer.await();
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    public String url() {
        return "http://127.0.0.1:%d/".formatted(server.getAddress().getPort());
    }

    /** How many there were. */
    public int requests() {
        return requests.get();
    }

    /** Answers all requests, and those to come at once. */
    public void answer() {
        mayAnswer.countDown();
    }

    @Override
    public void close() {
        mayAnswer.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
