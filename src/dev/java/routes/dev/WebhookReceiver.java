package routes.dev;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;

/**
 * Stands in for whoever receives webhooks: records every POST to {@code /webhooks/...}, one file each, and answers as it was told, 200
 * otherwise.
 */
public final class WebhookReceiver implements HttpHandler {
    /** The start of every path that is received. */
    public static final String PATH = "/webhooks/";

    private static final int MAX_BODY_BYTES = 1 << 20;

    private static final JsonMapper JSON = new JsonMapper();

    private final Journal<ReceivedWebhook> requests;
    private final Map<String, ConcurrentLinkedDeque<Answer>> answers = new ConcurrentHashMap<>();

    /**
     * What a path answers.
     *
     * @param headers beyond those that every answer has
     * @param delay how long the sender waits for it
     */
    public record Answer(int status, Map<String, String> headers, Duration delay) {

        /** Returns an answer without headers, given at once. */
        public static Answer of(int status) {
            return new Answer(status, Map.of(), Duration.ZERO);
        }
    }

    WebhookReceiver(Path directory) {
        this.requests = new Journal<>(directory, ".json", WebhookReceiver::read);
    }

    /** Returns the requests, newest first. */
    public List<ReceivedWebhook> list() {
        return requests.newestFirst();
    }

    /** Forgets all requests, and what was to be answered. */
    public void clear() {
        answers.clear();
        requests.clear();
    }

    /**
     * Sets what a path answers: to the first request the first, to the next the next, and to all that follow the last.
     *
     * @param path of the address, such as {@code /webhooks/rewards}
     */
    public void answer(String path, Answer... inOrder) {
        answers.put(path, new ConcurrentLinkedDeque<>(List.of(inOrder)));
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String body = new String(exchange.getRequestBody().readNBytes(MAX_BODY_BYTES), StandardCharsets.UTF_8);
        Answer answer = next(path);
        Map<String, String> headers = exchange.getRequestHeaders().entrySet().stream()
                .collect(Collectors.toMap(
                        header -> header.getKey().toLowerCase(Locale.ROOT),
                        header -> String.join(", ", header.getValue())));
        requests.add(JSON.writeValueAsBytes(new Content(path, headers, body, answer.status())));

        await(answer.delay());
        answer.headers().forEach(exchange.getResponseHeaders()::set);
        exchange.sendResponseHeaders(answer.status(), -1);
    }

    private Answer next(String path) {
        ConcurrentLinkedDeque<Answer> inOrder = answers.get(path);
        if (inOrder == null) {
            return Answer.of(200);
        }
        synchronized (inOrder) {
            return inOrder.size() > 1 ? inOrder.remove() : inOrder.element();
        }
    }

    private static void await(Duration delay) {
        try {
            Thread.sleep(delay.toMillis());
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    private static ReceivedWebhook read(String id, Instant received, byte[] file) {
        Content content = JSON.readValue(file, Content.class);
        return new ReceivedWebhook(id, received, content.path(), content.headers(), content.body(), content.status());
    }

    /** What a file holds. */
    private record Content(String path, Map<String, String> headers, String body, int status) {}
}
