package routes.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the client leaves to nobody else: Camel's bodies cannot be sent twice, so a redirect would not be followed there anyway. */
class WebhookClientTest {

    private final List<String> requests = new CopyOnWriteArrayList<>();
    private HttpServer receiver;

    @BeforeEach
    void open() throws Exception {
        receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        receiver.start();
    }

    @AfterEach
    void close() {
        receiver.stop(0);
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void aRedirectIsAnAnswerLikeAnyOther(int code) throws Exception {
        receiver.createContext("/", exchange -> {
            requests.add(exchange.getRequestURI().getPath());
            exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().set("Location", "/elsewhere");
            exchange.sendResponseHeaders(exchange.getRequestURI().getPath().equals("/") ? code : 200, -1);
            exchange.close();
        });
        HttpPost post = new HttpPost(
                "http://localhost:%d/".formatted(receiver.getAddress().getPort()));
        post.setEntity(new StringEntity("{}")); // which can be sent again

        WebhookDeadline deadline = new WebhookDeadline(WebhookFixtures.settings());

        try (CloseableHttpClient client =
                WebhookClient.webhookHttpClient(new PoolingHttpClientConnectionManager(), deadline)) {
            assertThat(client.<Integer>execute(post, answer -> answer.getCode()))
                    .isEqualTo(code);
        } finally {
            deadline.destroy();
        }

        assertThat(requests).containsExactly("/");
    }
}
