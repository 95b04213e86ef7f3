package routes.hawtio;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import routes.event.EventJson;

/**
 * A Chromium without a window, driven by the DevTools protocol. It is found by {@code -Dtest.chromium} or {@code CHROMIUM}, or by its
 * usual names on the path.
 */
final class Browser implements AutoCloseable {

    private static final Pattern LISTENING = Pattern.compile("DevTools listening on (ws://\\S+)");
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final Process process;
    private final WebSocket socket;
    private final AtomicInteger ids = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<String> complaints = new ConcurrentLinkedQueue<>();
    private final String session;

    private Browser(Process process, URI devTools) {
        this.process = process;
        this.socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(devTools, new Answers())
                .join();
        String target = call("", "Target.createTarget", Map.of("url", "about:blank"))
                .path("targetId")
                .asText();
        this.session = call("", "Target.attachToTarget", Map.of("targetId", target, "flatten", true))
                .path("sessionId")
                .asText();
        for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
            call(session, domain + ".enable", Map.of());
        }
        call(
                session,
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", 1400, "height", 900, "deviceScaleFactor", 1, "mobile", false));
    }

    /** The program, where there is one. */
    static Optional<Path> installed() {
        return Stream.concat(
                        Stream.of(
                                System.getProperty("test.chromium", ""),
                                Objects.requireNonNullElse(System.getenv("CHROMIUM"), "")),
                        Stream.of("chromium", "chromium-browser", "google-chrome", "chrome")
                                .flatMap(name -> Stream.of(System.getenv()
                                                .getOrDefault("PATH", "")
                                                .split(":", -1))
                                        .map(directory -> directory + "/" + name)))
                .filter(path -> !path.isEmpty())
                .map(Path::of)
                .filter(path -> path.isAbsolute() && Files.isExecutable(path))
                .findFirst();
    }

    /** Starts one that keeps what it keeps in a directory, and asks nobody on the network by itself. */
    static Browser start(Path program, Path directory) throws IOException {
        Process process = new ProcessBuilder(
                        program.toString(),
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--disable-sync",
                        "--no-first-run",
                        // Nothing but this machine is looked up.
                        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + directory,
                        "about:blank")
                .redirectErrorStream(true)
                .start();
        try {
            return new Browser(process, devTools(process));
        } catch (RuntimeException | IOException e) {
            end(process);
            throw e;
        }
    }

    private static URI devTools(Process process) throws IOException {
        StringBuilder said = new StringBuilder();
        // Not closed: that would close the process's output.
        BufferedReader output = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            Matcher listening = LISTENING.matcher(line);
            if (listening.find()) {
                drain(output);
                return URI.create(listening.group(1));
            }
            said.append(line).append('\n');
        }
        throw new IOException("Chromium did not start: " + said);
    }

    /** What it says later is not read by anybody, and must not fill the pipe. */
    private static void drain(BufferedReader output) {
        Thread drain = new Thread(() -> output.lines().forEach(line -> {}), "chromium");
        drain.setDaemon(true);
        drain.start();
    }

    /** Sends a login with each request, as if somebody had filled in the browser's form. */
    void login(String authorization) {
        call(session, "Network.setExtraHTTPHeaders", Map.of("headers", Map.of("Authorization", authorization)));
    }

    /** Has it show the times of a zone, such as {@code Asia/Kolkata}. */
    void moveTo(String zone) {
        call(session, "Emulation.setTimezoneOverride", Map.of("timezoneId", zone));
    }

    void open(String url) {
        call(session, "Page.navigate", Map.of("url", url));
    }

    /** What an expression of JavaScript is in the page. */
    JsonNode evaluate(String expression) {
        return call(session, "Runtime.evaluate", Map.of("expression", expression, "returnByValue", true))
                .path("result")
                .path("value");
    }

    String text() {
        return evaluate("document.body ? document.body.innerText : ''").asText();
    }

    void awaitText(String text) {
        Awaitility.await().untilAsserted(() -> assertThat(text()).contains(text));
    }

    /** Waits until an expression of JavaScript is true in the page. */
    void await(String expression) {
        Awaitility.await(expression).until(() -> evaluate(expression).asBoolean());
    }

    /** Clicks the innermost element that has just this text, once it is there. */
    void click(String text) {
        clickLast(
                "[...document.querySelectorAll('body *')].filter(e => e.textContent.trim() === %s && e.getClientRects().length)"
                        .formatted(EventJson.mapper().valueToTree(text)));
    }

    /** Clicks the last element that a selector of CSS finds, once it is there. */
    void clickOn(String selector) {
        clickLast("[...document.querySelectorAll(%s)]"
                .formatted(EventJson.mapper().valueToTree(selector)));
    }

    private void clickLast(String elements) {
        await("(() => { const e = %s.pop(); if (e) e.click(); return !!e; })()".formatted(elements));
    }

    /** What the page's scripts and the browser complained of: errors, and what the content security policy stopped. */
    List<String> complaints() {
        return List.copyOf(complaints);
    }

    void screenshot(Path file) throws IOException {
        String data = call(session, "Page.captureScreenshot", Map.of("format", "png"))
                .path("data")
                .asText();
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        Files.write(file, Base64.getDecoder().decode(data));
    }

    private JsonNode call(String session, String method, Map<String, ?> parameters) {
        int id = ids.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        answers.put(id, answer);
        ObjectNode message = EventJson.mapper().createObjectNode().put("id", id).put("method", method);
        message.set("params", EventJson.mapper().valueToTree(parameters));
        if (!session.isEmpty()) {
            message.put("sessionId", session);
        }
        socket.sendText(message.toString(), true).join();
        JsonNode answered =
                answer.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
        assertThat(answered.path("error").isMissingNode())
                .as(answered.toString())
                .isTrue();
        return answered.path("result");
    }

    @Override
    public void close() {
        end(process);
    }

    private static void end(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    private final class Answers implements WebSocket.Listener {

        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
            text.append(part);
            if (last) {
                take(text.toString());
                text.setLength(0);
            }
            socket.request(1);
            return CompletableFuture.completedFuture(null);
        }

        private void take(String json) {
            try {
                JsonNode message = EventJson.mapper().readTree(json);
                CompletableFuture<JsonNode> answer =
                        answers.remove(message.path("id").asInt());
                String method = message.path("method").asText();
                if (answer != null) {
                    answer.complete(message);
                } else if (method.equals("Runtime.exceptionThrown")
                        || (method.equals("Runtime.consoleAPICalled")
                                && message.at("/params/type").asText().equals("error"))
                        || (method.equals("Log.entryAdded")
                                && message.at("/params/entry/level").asText().equals("error"))) {
                    complaints.add(json);
                }
            } catch (IOException e) {
                complaints.add(e + ": " + json);
            }
        }
    }
}
