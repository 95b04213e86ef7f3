package routes.dev;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import routes.mail.Previews;

class PagesTest {
    private static final String MAIL = """
            From: Early Birds <hello@early-birds.example>
            To: Ada <ada@example.com>
            Subject: <script>subject()</script>
            Message-ID: <one@early-birds.example>
            Content-Type: text/html; charset=utf-8

            <p>Hello "Ada"</p><script>body()</script><img src="https://tracker.example/x.png">
            """;

    private final HttpClient client = HttpClient.newHttpClient();
    private final int port = new Ports().any();
    private Inbox inbox;
    private WebhookReceiver webhooks;
    private WebServer server;
    private String templates = "classpath:mail/";

    @BeforeEach
    void start(@TempDir Path directory) {
        inbox = new Inbox(directory.resolve("mail"));
        webhooks = new WebhookReceiver(directory.resolve("webhooks"));
        server = WebServer.start(port, new Pages(inbox, webhooks, new Previews(templates)), webhooks);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void theInboxShowsMailsEscaped() throws Exception {
        inbox.add(MAIL.getBytes(UTF_8));

        assertThat(get("/").body())
                .contains("&lt;script&gt;subject()&lt;/script&gt;", "Ada &lt;ada@example.com&gt;")
                .doesNotContain("<script");
    }

    @Test
    void aMailIsShownInAFrameWithoutRights() throws Exception {
        inbox.add(MAIL.getBytes(UTF_8));

        HttpResponse<String> page = get("/mail/" + inbox.list().get(0).id());

        assertThat(page.body())
                .contains("sandbox srcdoc=\"&lt;p&gt;Hello &quot;Ada&quot;&lt;/p&gt;&lt;script&gt;")
                .doesNotContain("<script", "<img");
        assertThat(page.headers().firstValue("Content-Security-Policy")).hasValueSatisfying(policy -> assertThat(policy)
                .startsWith("default-src 'none'")
                .contains("img-src data:;")
                .doesNotContain("script"));
    }

    @Test
    void aMailIsThereByItselfAsHtmlAsTextAndAsItsSource() throws Exception {
        inbox.add(MAIL.replace("text/html", "text/plain").getBytes(UTF_8));
        inbox.add(MAIL.getBytes(UTF_8));
        String newest = "/mail/" + inbox.list().get(0).id();
        String older = "/mail/" + inbox.list().get(1).id();

        assertThat(get(newest).body()).contains("\"" + newest + "/html\"", "\"" + newest + "/source\"");
        HttpResponse<String> html = get(newest + "/html");
        assertThat(html.body()).startsWith("<p>Hello \"Ada\"</p>");
        assertThat(html.headers().firstValue("Content-Security-Policy"))
                .hasValueSatisfying(policy -> assertThat(policy).contains("img-src data:;", "; sandbox"));
        assertThat(get(older).body()).contains("\"" + older + "/text\"").doesNotContain("\"" + older + "/html\"");
        assertThat(get(older + "/text").headers().firstValue("Content-Type")).hasValue("text/plain; charset=utf-8");
        assertThat(get(older + "/text").body()).startsWith("<p>Hello \"Ada\"</p>");
        assertThat(get(older + "/else").statusCode()).isEqualTo(404);
    }

    @Test
    void theInboxIsInPagesNewestFirst() throws Exception {
        for (int i = 1; i <= Listing.SIZE + 10; i++) {
            inbox.add("Subject: <number %d>\nTo: a@example.com\n\n".formatted(i).getBytes(UTF_8));
        }

        String first = get("/").body();
        String second = get("/?page=2").body();

        assertThat(first)
                .contains("&lt;number 60&gt;", "&lt;number 11&gt;", "1 to 50 of 60", "href=\"/?page&#x3D;2\"")
                .contains("http-equiv=\"refresh\"")
                .doesNotContain("&lt;number 10&gt;", "Newer");
        assertThat(second)
                .contains("&lt;number 10&gt;", "&lt;number 1&gt;", "51 to 60 of 60", "href=\"/?page&#x3D;1\"")
                .doesNotContain("&lt;number 11&gt;", "Older", "http-equiv=\"refresh\"");
        assertThat(get("/?page=99").body()).isEqualTo(second);
        assertThat(get("/?page=-1").body()).isEqualTo(first);
    }

    @Test
    void mailsAreFoundByTheirTextAndByTheirRecipient() throws Exception {
        inbox.add("Subject: Welcome\nTo: Ada <Ada@example.com>, b@example.com\n\nHello & more".getBytes(UTF_8));
        inbox.add("Subject: Goodbye\nTo: c@example.com\nCc: x+y@example.com\n\nHello".getBytes(UTF_8));

        assertThat(get("/search?q=hello+%26+MORE").body())
                .contains(">Welcome<", "value=\"hello &amp; MORE\"")
                .doesNotContain(">Goodbye<");
        assertThat(get("/search?to=ada%40example.com").body())
                .contains(">Welcome<", "<h1>Mails to ada@example.com</h1>")
                .doesNotContain(">Goodbye<");
        assertThat(get("/search?to=b@example.com&q=goodbye").body()).contains("No such mail.");
        assertThat(get("/search?q=%22%3E%3Cscript%3E").body())
                .contains("value=\"&quot;&gt;&lt;script&gt;\"")
                .doesNotContain("<script");
        Matcher link = Pattern.compile("href=\"(/search\\?to=[^\"]*)\"").matcher(get("/").body());
        assertThat(link.results().map(result -> result.group(1))).hasSize(4).allSatisfy(to -> assertThat(
                        get(to.replace("&amp;", "&")).body())
                .contains("class=\"subject\""));
    }

    @Test
    void everyTemplateIsShownWideAndNarrowAndByItself() throws Exception {
        String list = get("/previews").body();

        List<String> links = Pattern.compile("href=\"(/previews/[^\"]+)\"")
                .matcher(list)
                .results()
                .map(match -> match.group(1))
                .toList();
        assertThat(links).hasSizeGreaterThan(8);
        for (String link : links) {
            assertThat(get(link).body())
                    .contains("class=\"wide\"", "class=\"narrow\"", "<pre class=\"mail-text\"")
                    .doesNotContain("<script", "{{first_name");
            assertThat(get(link + "/html").body()).startsWith("<!doctype html>").contains("ada@example.com");
        }
    }

    @Test
    void aTemplateThatIsWrongIsExplainedOnThePage(@TempDir Path directory) throws Exception {
        Files.createDirectories(directory.resolve("user.signed_up"));
        Files.writeString(directory.resolve("user.signed_up/subject.mustache"), "{{frist_name}}");
        templates = directory.toUri().toString();
        stop();
        start(directory);

        assertThat(get("/previews").body())
                .contains("{{frist_name}} is not a variable of user.signed_up: write one of ");
    }

    @Test
    void theSourceOfAMailIsPlainText() throws Exception {
        inbox.add(MAIL.getBytes(UTF_8));

        HttpResponse<String> source = get("/mail/" + inbox.list().get(0).id() + "/source");

        assertThat(source.body()).isEqualTo(MAIL);
        assertThat(source.headers().firstValue("Content-Type")).hasValue("text/plain; charset=utf-8");
    }

    @Test
    void aWebhookIsShownWithItsHeadersAndReadableJson() throws Exception {
        post("/webhooks/rewards", "{\"name\":\"<b>T-shirt</b>\"}");

        assertThat(get("/webhooks").body())
                .contains("/webhooks/rewards", "webhook-id", "msg_1", "&quot;name&quot; : &quot;&lt;b&gt;T-shirt")
                .doesNotContain("<b>");
    }

    @Test
    void aPathAnswersAsToldAndThenAsToldLast() throws Exception {
        webhooks.answer(
                "/webhooks/rewards",
                new WebhookReceiver.Answer(503, Map.of("Retry-After", "7"), Duration.ofMillis(1)),
                WebhookReceiver.Answer.of(204));

        HttpResponse<String> first = post("/webhooks/rewards", "1");

        assertThat(first.statusCode()).isEqualTo(503);
        assertThat(first.headers().firstValue("Retry-After")).hasValue("7");
        assertThat(post("/webhooks/rewards", "2").statusCode()).isEqualTo(204);
        assertThat(post("/webhooks/rewards", "3").statusCode()).isEqualTo(204);
        assertThat(post("/webhooks/elsewhere", "4").statusCode()).isEqualTo(200);
        assertThat(webhooks.list()).extracting(ReceivedWebhook::body).containsExactly("4", "3", "2", "1");
        assertThat(webhooks.list().get(0).headers()).containsEntry("Webhook-Id", "msg_1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/nothing", "/mail/", "/mail/none", "/mail/../../etc/passwd/source", "/mail/%2e%2e/source"})
    void whatIsNotThereIsNotFound(String path) throws Exception {
        assertThat(get(path).statusCode()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80", "evil.example#localhost"})
    void anotherHostNameIsRefused(String host) throws IOException {
        assertThat(statusFor(host)).isEqualTo("HTTP/1.1 403 Forbidden");
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "LocalHost:8025", "127.0.0.1:1"})
    void thisMachinesOwnNamesAreServed(String host) throws IOException {
        assertThat(statusFor(host)).isEqualTo("HTTP/1.1 200 OK");
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(uri(path)).build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(uri(path))
                .header("webhook-id", "msg_1")
                .POST(BodyPublishers.ofString(body))
                .build();
        return client.send(request, BodyHandlers.ofString());
    }

    private URI uri(String path) {
        return URI.create("http://localhost:" + port + path);
    }

    /** By hand, since the client sets the header Host itself. */
    private String statusFor(String host) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
                InputStream answer = socket.getInputStream()) {
            String request = "GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(UTF_8));
            return new String(answer.readAllBytes(), UTF_8).lines().findFirst().orElse("");
        }
    }
}
